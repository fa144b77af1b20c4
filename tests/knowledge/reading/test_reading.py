"""Files through the real child process: every format, every refusal, and a parent that survives it all."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from docx.document import Document

from tandem.errors import Problem
from tandem.knowledge import reading
from tandem.knowledge.reading import Format, Limits, ReadDocument
from tests.knowledge.reading.pdfs import Line, pdf
from tests.knowledge.reading.wordfiles import docx_of, docx_with, zip_of

HTML = b"<!doctype html><title>Fees</title><main><h1>Fees</h1><p>None.</p></main>"


def heavy_pdf(pages: int) -> bytes:
    lines = [Line(f"Line {number} with a number of words in it.", y=780 - 14 * number) for number in range(50)]
    return pdf([lines] * pages)


async def test_a_pdf() -> None:
    page = [
        Line("Returning things", y=760, size=20),
        Line("You can send back what you bought within thirty days of deliv-", y=720),
        Line("ery, if it is unused.", y=706),
        Line("The second paragraph.", y=670),
        Line("• A receipt", y=640),
        Line("• The box", y=626),
        Line("INVISIBLE WORDS", y=600, grey=1),
    ]
    assert await reading.read(pdf([page], title="Doc"), name="a.pdf") == ReadDocument(
        "Returning things",
        "# Returning things\n\nYou can send back what you bought within thirty days of delivery, if it is unused.\n\n"
        "The second paragraph.\n\n- A receipt\n- The box",
        Format.PDF,
        1,
    )


async def test_running_heads_and_page_numbers_are_dropped() -> None:
    pages = [
        [Line("Acme handbook", y=810, size=9)]
        + [Line(f"Sentence {row} of page {page} is here.", y=700 - 40 * row) for row in range(7)]
        + [Line(f"Page {page} of 4", y=30, size=9)]
        for page in range(1, 5)
    ]
    found = await reading.read(pdf(pages), name="a.pdf")
    assert found.pages == 4
    assert "Acme" not in found.body
    assert "Page 2" not in found.body
    assert all(f"Sentence {row} of page {page} is here." in found.body for row in range(7) for page in range(1, 5))


async def test_a_word_file() -> None:
    def write(document: Document) -> None:
        document.core_properties.title = "Properties"
        document.add_heading("Warranty", 1)
        document.add_paragraph("Two years. ").add_run("SECRET").font.hidden = True
        document.add_paragraph("first", style="List Bullet")
        document.add_paragraph("second", style="List Bullet")
        document.add_heading("Steps", 2)
        document.add_paragraph("go", style="List Number")
        document.add_paragraph("return", style="List Number")
        table = document.add_table(2, 2)
        for cell, text in zip(
            [*table.rows[0].cells, *table.rows[1].cells], ["Part", "Years", "Lamp", "2"], strict=True
        ):
            cell.text = text

    found = await reading.read(docx_of(write), name="a.docx")
    assert found.title == "Warranty"
    assert found.body == (
        "# Warranty\n\nTwo years.\n\n- first\n- second\n\n## Steps\n\n1. go\n2. return\n\n"
        "| Part | Years |\n| --- | --- |\n| Lamp | 2 |"
    )


async def test_markdown_with_front_matter() -> None:
    found = await reading.read(b"---\ntitle: Fees\naudience: paid\n---\n# Other\n\nNone.", name="a.md")
    assert (found.title, found.meta) == ("Fees", {"title": "Fees", "audience": "paid"})
    assert found.body == "# Other\n\nNone."


@pytest.mark.parametrize("name", ["fees.html", "fees.txt", "fees", "fees.pdf.md"])
async def test_a_whole_page_is_html_whatever_its_name(name: str) -> None:
    found = await reading.read(HTML, name=name)
    assert (found.format, found.body) == (Format.HTML, "# Fees\n\nNone.")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Größe – 5 €", "utf-8"),
        ("Größe – 5 €", "utf-8-sig"),
        ("Größe – 5 €", "utf-16"),
        ("Größe – 5 €", "cp1252"),
        ("Привет, как вернуть заказ? Это вопрос о возврате товара.", "cp1251"),
        ("返品について：商品到着後七日以内にご連絡ください。", "shift_jis"),
        ("شحن الطلبات يستغرق ثلاثة أيام", "utf-8"),
    ],
)
async def test_encodings(text: str, encoding: str) -> None:
    assert (await reading.read(text.encode(encoding), name="a.txt")).body == text


async def test_a_page_says_its_encoding() -> None:
    page = "<html><head><meta charset='iso-8859-2'></head><body><p>Zażółć gęślą jaźń</p></body></html>"
    assert (await reading.read(page.encode("iso-8859-2"), name="a.html")).body == "Zażółć gęślą jaźń"


GOOD = pdf([[Line("Some text that can be read.")]])


def bomb() -> bytes:
    """30 MB in 30 kB."""
    return docx_with({"word/media/a.bin": b"\0" * 30_000_000})


def many_parts() -> bytes:
    """More parts than any document has."""
    return docx_with({f"word/p{number}.xml": b"" for number in range(5_100)})


REFUSED: list[tuple[str, bytes | Callable[[], bytes], str, str]] = [
    ("empty", b" \n", "a.txt", "unreadable_file"),
    ("binary as text", bytes(range(256)) * 20, "a.txt", "unreadable_file"),
    ("no pdf", b"This is text.", "a.pdf", "unreadable_file"),
    ("cut pdf", GOOD[:300], "a.pdf", "unreadable_file"),
    ("pdf of noise", b"%PDF-1.4\n" + bytes(range(256)) * 40, "a.pdf", "unreadable_file"),
    ("scan", pdf([[], []], picture=True), "a.pdf", "needs_ocr"),
    ("stamped scan", pdf([[Line("7")], [Line("8")]], picture=True), "a.pdf", "needs_ocr"),
    ("blank pdf", pdf([[]]), "a.pdf", "unreadable_file"),
    ("old word", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.doc", "unreadable_file"),
    ("picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 60, "a.png", "unreadable_file"),
    ("archive", zip_of({"a.txt": b"hello"}), "a.docx", "unreadable_file"),
    ("workbook", zip_of({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}), "a.docx", "unreadable_file"),
    ("broken xml", docx_with({"word/document.xml": b"<w:document><broken"}), "a.docx", "unreadable_file"),
    ("cut word", docx_with({})[:-200], "a.docx", "unreadable_file"),
    ("bomb", bomb, "a.docx", "unsafe_file"),
    ("many parts", many_parts, "a.docx", "unsafe_file"),
    ("path out", docx_with({"../../etc/cron.d/x": b"x"}), "a.docx", "unsafe_file"),
    ("pdf and zip", GOOD + zip_of({"a": b"b"}), "a.pdf", "unsafe_file"),
    ("zip and pdf", docx_with({}) + GOOD, "a.docx", "unsafe_file"),
    ("html and zip", HTML + zip_of({"a": b"b"}), "a.html", "unsafe_file"),
    ("deep html", b"<div>" * 200_000 + b"x", "a.html", "unsafe_file"),
]


@pytest.mark.parametrize(("data", "name", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
async def test_it_refuses(data: bytes | Callable[[], bytes], name: str, code: str) -> None:
    with pytest.raises(Problem) as refused:
        await reading.read(data if isinstance(data, bytes) else data(), name=name)
    assert refused.value.code == code
    assert refused.value.detail.startswith("This ")
    assert refused.value.detail.endswith(".")
    assert "stopped the reader" not in refused.value.detail


async def test_it_refuses_what_was_declared_differently() -> None:
    with pytest.raises(reading.Unreadable, match="sent as a Word document"):
        await reading.read(GOOD, name="a.docx", declared=Format.DOCX)


async def test_200_megabytes_are_refused_without_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    def begin(*_: object, **__: object) -> None:
        raise AssertionError("a child")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", begin)
    with pytest.raises(reading.FileTooLarge, match="larger than 25 MB"):
        await reading.read(bytes(200_000_000), name="a.pdf")
    with pytest.raises(AssertionError, match="a child"):
        await reading.read(b"Small.", name="a.txt")


async def test_too_much_text_is_refused() -> None:
    with pytest.raises(reading.FileTooLarge, match=r"0\.1 MB of text"):
        await reading.read(b"words " * 50_000, name="a.txt", limits=Limits(text_bytes=100_000))


async def test_too_many_pages_are_refused() -> None:
    with pytest.raises(reading.FileTooLarge, match="7 pages"):
        await reading.read(pdf([[Line("x")]] * 7), name="a.pdf", limits=Limits(pages=5))


async def test_a_slow_child_is_killed_and_leaves_nothing_behind() -> None:
    with pytest.raises(reading.TookTooLong):
        await reading.read(heavy_pdf(1500), name="a.pdf", limits=Limits(wall_seconds=0.2))
    assert not children()
    assert (await reading.read(b"Still here.", name="a.txt")).body == "Still here."


async def test_a_cancelled_reading_leaves_nothing_behind() -> None:
    task = asyncio.create_task(reading.read(heavy_pdf(1500), name="a.pdf"))
    while not children():
        assert not task.done()
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not children()


async def test_a_child_without_processor_time_is_stopped() -> None:
    with pytest.raises(reading.TookTooLong):
        await reading.read(heavy_pdf(3000), name="a.pdf", limits=Limits(cpu_seconds=1))


async def test_a_child_without_memory_is_stopped() -> None:
    with pytest.raises((reading.UnsafeFile, reading.Unreadable)):
        await reading.read(b"<p>x" * 4_000_000, name="a.html", limits=Limits(memory_bytes=150_000_000))
    assert (await reading.read(b"Still here.", name="a.txt")).body == "Still here."


async def test_many_readings_at_once() -> None:
    found = await asyncio.gather(*(reading.read(f"Text {n}.".encode(), name="a.txt") for n in range(8)))
    assert [document.body for document in found] == [f"Text {n}." for n in range(8)]


ATTEMPTS = {
    "open a file": "open('/etc/hostname')",
    "write a file": "open('/tmp/tandem-test', 'w')",
    "open a socket": "import socket; socket.socket()",
    "start a program": "import os; os.execv('/bin/true', ['true'])",
    "fork": "import os; os.fork() or os._exit(0)",
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_behind_shut_doors_nothing_can(attempt: str) -> None:
    program = """
import os, socket, sys
from tandem.knowledge.reading import Limits, lockdown
lockdown.limit(Limits())
if "shut" in sys.argv: lockdown.shut()
try: exec(sys.argv[1])
except OSError: print("refused")
else: print("done")
"""

    def run(*more: str) -> str:
        command = [sys.executable, "-c", program, attempt, *more]
        environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60).stdout

    assert "refused" not in run()  # without the lock it works: the test tests something
    assert "refused" in run("shut")


def test_the_child_does_not_import_the_rest_of_tandem() -> None:
    program = "import sys, tandem.knowledge.reading.child, tandem.knowledge.reading.parsing; print(*sys.modules)"
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, timeout=60
    )
    names = set(loaded.stdout.split())
    assert "tandem.knowledge.reading.child" in names
    assert not names & {"psycopg", "fastapi", "tandem.db", "tandem.settings", "tandem.jobs", "numpy"}


def children() -> list[str]:
    """Processes of reading children that are alive."""
    found = []
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                command = file.read()
            with open(f"/proc/{pid}/stat") as file:
                parent = file.read().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if b"tandem.knowledge.reading.child" in command and parent == str(os.getpid()):
            found.append(pid)
    return found
