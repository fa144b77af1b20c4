"""Mail: what is handed to a real server, what a folder holds, and what no mail can be made to say."""

import asyncio
import stat
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem import settings
from tandem.outgoing import mail
from tandem.outgoing.mail import FolderMailer, Mail, Mailer, MailFailed, NotMailable, Server, SmtpMailer, open_mailer
from tandem.settings import Settings, WrongSetting
from tests.outgoing.post import ELSEWHERE, Post, certificate, delivering

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the server's, about itself

SENDER = "Acme <help@acme.example>"
HELLO = Mail("cy@customers.example", "Your code", "Hello,\n\n.\n..dots\n\n    123456\n\nMüller & Söhne\n")
SECRET = "s3cret-of-the-operator"


def mailer(post: Post, scheme: str = "smtp", host: str = "127.0.0.1", log_in: str = "") -> Mailer:
    return open_mailer(Settings(mail_url=f"{scheme}://{log_in}{host}:{post.port}", mail_from=SENDER))


async def test_a_server_gets_the_mail_as_it_was_written() -> None:
    async with delivering() as post:
        await mailer(post).send(HELLO)
    (came,), (envelope,) = post.mails, post.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("help@acme.example", ["cy@customers.example"])
    assert (came["from"], came["to"], came["subject"]) == (SENDER, "cy@customers.example", "Your code")
    assert came["auto-submitted"] == "auto-generated"
    assert came["message-id"].endswith("@acme.example>")
    assert came.get_content_type() == "text/plain"
    assert came.get_content().replace("\r\n", "\n") == HELLO.text


async def test_letters_of_everywhere_arrive() -> None:
    async with delivering() as post:
        await mailer(post).send(Mail("jörg@exämple.example", "Prüfcode für Müller & Söhne " * 8, "Grüße"))
        await mailer(post).send(Mail("cy@exämple.example", "コード", "コードは 123456 です"))
    assert post.mails[0]["subject"].split() == ("Prüfcode für Müller & Söhne " * 8).split()
    assert [each.rcpt_tos[0] for each in post.envelopes] == ["jörg@exämple.example", "cy@xn--exmple-cua.example"]
    assert post.mails[1].get_content().strip() == "コードは 123456 です"


@pytest.mark.parametrize(
    "wrong",
    ["", "cy", "cy@", "@x.example", "cy x@x.example", "cy@x.example, quinn@y.example", "Cy <cy@x.example>",
     "cy@x.example\nBcc: eve@y.example", "cy@x.example\r\n", "cy@x.exam\x00ple", "cy\u2028@x.example", "a" * 400 + "@x.example"],
)  # fmt: skip
def test_it_refuses_what_is_no_single_address(wrong: str) -> None:
    with pytest.raises(NotMailable):
        Mail(wrong, "Hello", "Hello")


@pytest.mark.parametrize("line", ["\n", "\r", "\r\n", "\x00", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_it_refuses_a_subject_of_two_lines(line: str) -> None:
    with pytest.raises(NotMailable):
        Mail("cy@x.example", f"Hello{line}Bcc: eve@y.example", "Hello")


@given(subject=st.text(max_size=300), text=st.text(st.characters(exclude_categories=["Cs"]), max_size=500))
def test_no_text_adds_a_header(subject: str, text: str) -> None:
    try:
        wanted = Mail("cy@x.example", subject, text)
    except NotMailable:
        assert not subject.isprintable()
        return
    came = message_from_bytes(bytes(mail.letter(wanted, SENDER)), policy=default)
    assert sorted(key.lower() for key in came) == sorted(
        ["from", "to", "subject", "date", "message-id", "auto-submitted", "content-type", "content-transfer-encoding",
         "mime-version"]
    )  # fmt: skip
    assert came["to"] == "cy@x.example"


async def test_the_log_in_is_said_to_this_machine_without_tls() -> None:
    async with delivering(password=SECRET) as post:
        await mailer(post, log_in=f"tandem:{SECRET}@").send(HELLO)
    assert (post.log_ins, len(post.mails)) == ([(SECRET, False)], 1)


async def test_no_password_goes_to_another_machine_without_tls() -> None:
    async with delivering(password=SECRET) as post:
        with pytest.raises(MailFailed) as refused:
            await mailer(post, host=ELSEWHERE, log_in=f"tandem:{SECRET}@").send(HELLO)
    assert (post.log_ins, post.mails) == ([], [])
    assert SECRET not in str(refused.value)


async def test_without_a_password_a_server_without_tls_is_good_enough() -> None:
    async with delivering() as post:
        await mailer(post, host=ELSEWHERE).send(HELLO)
    assert post.encrypted == [False]


async def test_starttls_is_used_where_it_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, public = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    async with delivering(starttls=context, password=SECRET) as post:
        await mailer(post, host=ELSEWHERE, log_in=f"tandem:{SECRET}@").send(HELLO)
    assert (post.log_ins, post.encrypted) == ([(SECRET, True)], [True])


async def test_tls_from_the_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, public = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    async with delivering(tls=context) as post:
        await mailer(post, "smtps", ELSEWHERE).send(HELLO)
    assert len(post.mails) == 1


@pytest.mark.parametrize("at_once", [True, False], ids=["smtps", "starttls"])
async def test_a_certificate_that_nobody_vouches_for_ends_it(tmp_path: Path, at_once: bool) -> None:
    context, _ = certificate(tmp_path)
    async with delivering(**{"tls" if at_once else "starttls": context}, password=SECRET) as post:
        with pytest.raises(MailFailed, match="in safety"):
            await mailer(post, "smtps" if at_once else "smtp", ELSEWHERE, f"tandem:{SECRET}@").send(HELLO)
    assert (post.log_ins, post.mails) == ([], [])


async def test_a_server_on_this_machine_may_show_a_certificate_of_its_own(tmp_path: Path) -> None:
    context, _ = certificate(tmp_path)
    async with delivering(starttls=context) as post:
        await mailer(post).send(HELLO)
    assert post.encrypted == [True]


async def test_a_wrong_password_is_said_without_the_password() -> None:
    async with delivering(password="another") as post:
        with pytest.raises(MailFailed, match="refuses the log-in") as refused:
            await mailer(post, log_in=f"tandem:{SECRET}@").send(HELLO)
    assert SECRET not in repr(refused.value)
    assert set(post.log_ins) == {(SECRET, False)}  # in each way that the server offers


@pytest.mark.parametrize("answer", ["550 go away, your secret is x", "451 later", "554 nobody wants this"])
async def test_what_a_server_refuses_is_not_sent_and_its_words_are_not_repeated(answer: str) -> None:
    async with delivering() as post:
        post.answer = answer
        with pytest.raises(MailFailed, match="did not take the mail") as refused:
            await mailer(post).send(HELLO)
    assert answer[4:] not in str(refused.value)


async def test_a_server_that_is_away_is_named() -> None:
    async with delivering() as post:
        pass
    with pytest.raises(MailFailed, match=f"127.0.0.1:{post.port} does not answer"):
        await mailer(post).send(HELLO)


async def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert mail.TIMEOUT_S == 10
    monkeypatch.setattr(mail, "TIMEOUT_S", 0.2)
    silent = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    async with silent:
        sender = SmtpMailer(Server("127.0.0.1", silent.sockets[0].getsockname()[1], tls=False), SENDER)
        with pytest.raises(MailFailed, match="does not answer"):
            await sender.send(HELLO)


async def test_a_folder_holds_whole_mails_that_only_the_owner_reads(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "outbox"
    sender = open_mailer(Settings(mail_url=f"folder:{folder}", mail_from=SENDER))
    await asyncio.gather(*(sender.send(HELLO) for _ in range(20)))
    found = list(folder.iterdir())
    assert len(found) == 20
    assert {path.suffix for path in found} == {".eml"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in found} == {0o600}
    came = message_from_bytes(found[0].read_bytes(), policy=default)
    assert came["from"] == SENDER
    assert "123456" in came.get_content()


async def test_without_any_setting_mails_go_beside_the_data(tmp_path: Path) -> None:
    await open_mailer(Settings(data_dir=tmp_path)).send(HELLO)
    (found,) = (tmp_path / "outbox").glob("*.eml")
    assert b"To: cy@customers.example" in found.read_bytes()


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(MailFailed, match="file"):
        await FolderMailer(tmp_path / "file", SENDER).send(HELLO)


@pytest.mark.parametrize(
    "wrong",
    ["mail.example.com", "http://mail.example.com", "smtp://", "smtp://:25", "smtp://x:99999", "smtp://x:25/path", "smtp://x?a=b",
     "smtp://user:s3cret-of-the-operator#1@x", "smtp://user@x", "smtp://:s3cret-of-the-operator@x", "folder:", "smtp://[::1",
     "smtp://user:s3cret-of-the-operator%0Ax@x", "smtp://user:s3cret-of-the-operator%C3%A4@x"],
)  # fmt: skip
def test_a_wrong_setting_stops_the_start_without_showing_it(wrong: str) -> None:
    with pytest.raises(WrongSetting, match="TANDEM_MAIL_URL") as refused:
        open_mailer(Settings(mail_url=wrong, mail_from=SENDER))
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("wrong", ["", "help", "Acme <help>", "a@x.example, b@x.example", "jörg@x.example"])
def test_a_server_needs_a_sender(wrong: str) -> None:
    with pytest.raises(WrongSetting, match="TANDEM_MAIL_FROM"):
        open_mailer(Settings(mail_url="smtp://mail.example.com", mail_from=wrong))


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", Server("mail.example.com", 587, False)),
        ("smtp://mail.example.com:25/", Server("mail.example.com", 25, False)),
        ("smtps://tandem:a%2Fb%40c@mail.example.com", Server("mail.example.com", 465, True, "tandem", "a/b@c")),
        ("smtp://[::1]:2525", Server("::1", 2525, False)),
    ],
)
def test_the_setting_says_where_and_how(url: str, server: Server) -> None:
    assert open_mailer(Settings(mail_url=url, mail_from=SENDER)) == SmtpMailer(server, SENDER)


def test_the_log_in_shows_nowhere(tmp_path: Path) -> None:
    (tmp_path / "url").write_text(f"smtps://tandem:{SECRET}@mail.example.com\n")
    read = settings.read({"TANDEM_MAIL_URL_FILE": str(tmp_path / "url"), "TANDEM_MAIL_FROM": SENDER})
    assert read.mail_url.endswith("@mail.example.com")
    assert SECRET not in repr(read) + repr(open_mailer(read))
