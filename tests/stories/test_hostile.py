"""Texts that would be markup, scripts or commands anywhere else: everywhere they are shown, they are text."""

from playwright.sync_api import expect

from tests.stories.people import People

PAYLOADS = (
    "<script>alert(1)</script>",
    "<script src=//evil.example/x.js></script>",
    "<img src=x onerror=alert(1)>",
    "<img src=https://evil.example/pixel.gif>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<iframe src=javascript:alert(1)>",
    '<iframe srcdoc="<script>alert(1)</script>">',
    "<object data=javascript:alert(1)>",
    "<embed src=https://evil.example/x.swf>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<a href=javascript:alert(1)>x</a>",
    "<base href=https://evil.example/>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>@import'https://evil.example/x.css';</style>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)></style></mglyph></math>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "[click](javascript:alert(1))",
    "[click](data:text/html,<script>alert(1)</script>)",
    "![x](https://evil.example/pixel.gif)",
    '[x](https://evil.example/"onmouseover=alert(1))',
    "<!--><img src=x onerror=alert(1)>-->",
    "<x-tandem onclick=alert(1)>click</x-tandem>",
    "\u202e<script>alert(1)</script>",
)


def test_what_looks_like_markup_stays_text(people: People) -> None:
    assert len(PAYLOADS) >= 30
    site, cast = people.site, people.site.cast
    text = "\n".join(PAYLOADS)
    name = "<img src=x onerror=alert(1)> <b>Cy</b>"
    site.learn(
        f"Fixing a wobbly gnomon {PAYLOADS[2]}",
        f"A wobbly gnomon is fixed by hand, with `{PAYLOADS[2]}` on it.\n\n{text}",
    )
    cy = people.known(cast.acme, "cy-hostile", name=name).open()
    cy.ask(f"How is a wobbly gnomon fixed? {PAYLOADS[0]}")
    mark = cy.answers.last.get_by_role("button", name="Source 1").first
    mark.click()
    expect(cy.page.locator("dialog.source .passage")).to_contain_text("<img src=x onerror=alert(1)>")
    cy.page.keyboard.press("Escape")
    cy.say(text)
    expect(cy.bubble(PAYLOADS[-5]).first).to_be_visible()
    cy.wants_a_person_and_is_heard()

    bo = people.member(cast.bo)
    expect(bo.row("<b>Cy</b>")).to_be_visible()
    bo.open("<b>Cy</b>").claim()
    expect(bo.thread.get_by_text("<svg onload=alert(1)>").first).to_be_visible()
    bo.draft.fill(text)
    bo.draft.press("Control+Enter")
    expect(cy.bubble("<svg onload=alert(1)>").last).to_be_visible()
    expect(cy.panel.locator(".mode")).to_have_text("You are talking to Bo")

    bo.page.goto("/app/knowledge")
    bo.page.get_by_role("link", name="Fixing a wobbly gnomon").click()
    expect(bo.page.get_by_text("<svg onload=alert(1)>").first).to_be_visible()
    bo.sees("mine")
    expect(bo.row("<b>Cy</b>")).to_be_visible()
    for page in (cy.page, bo.page):
        assert page.locator("img[onerror], img[src*=evil], iframe, object, embed, base, script:not([src])").count() == 0
        assert page.locator("a[href^=javascript], a[href^=data]").count() == 0
