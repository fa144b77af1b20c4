"""HTML to Markdown: structure kept, furniture and hidden text gone, nothing lost from fragments."""

import pytest

from tandem.knowledge.reading import webpage
from tandem.knowledge.reading.cleaning import clean


def body(source: str) -> str:
    return clean(webpage.read(source)[1])


def test_structure_is_kept() -> None:
    assert body(
        "<h2>Ways <em>back</em></h2><p>See <a href='https://a.example/b'>the page</a>.<br>Next"
        "<ul><li>one<ul><li>deep</ul><li>two</ul><ol start=3><li>three</ol><pre>x\n  y</pre>"
        "<blockquote>said</blockquote><dl><dt>Fee<dd>none</dl>"
    ) == (
        "## Ways back\n\nSee [the page](https://a.example/b).\nNext\n\n- one\n    - deep\n- two\n\n3. three\n\n"
        "```\nx\n  y\n```\n\n> said\n\n- Fee: none"
    )


def test_a_table_row_reads_alone() -> None:
    source = (
        "<table><caption>Fees</caption><tr><th>To<th>By<th>€<tr><td rowspan=2>EU<td>air<td>9<tr><td>a|b<td>5</table>"
    )
    assert body(source) == "Fees\n\n| To | By | € |\n| --- | --- | --- |\n| EU | air | 9 |\n| EU | a\\|b | 5 |"


def test_a_layout_table_is_no_table() -> None:
    assert body("<table><tr><td><h2>A</h2><p>one<td><p>two</table>") == "## A\n\none\n\ntwo"


def test_a_page_loses_its_furniture() -> None:
    title, text = webpage.read(
        "<!doctype html><html><head><title>Help | Shop</title></head><body><header><a href=/>Shop</a></header>"
        "<nav>menu</nav><div class='cookie-banner'>cookies</div><main><h1>Refunds</h1><p>Thirty days.</p>"
        "<aside>Mind the date.</aside></main><footer>imprint</footer></body></html>"
    )
    assert title == "Help | Shop"
    assert text == "# Refunds\n\nThirty days.\n\nMind the date."


def test_a_page_without_marks_keeps_its_text() -> None:
    page = (
        "<html><body><div><div>First words.</div><form>"
        "<p>All the real text stands in a form here.</form></div></body></html>"
    )
    assert "First words." in body(page)
    assert "real text" in body(page)


def test_a_fragment_keeps_everything() -> None:
    assert body("loose <nav>words</nav> in <footer>parts</footer> kept") == "loose\n\nwords\n\nin\n\nparts\n\nkept"


HIDDEN = [
    "<p style='display: none'>{}</p>",
    "<p style='visibility:hidden'>{}</p>",
    "<p style='font-size:0'>{}</p>",
    "<p style='font-size:1px;'>{}</p>",
    "<p style='opacity:0'>{}</p>",
    "<p style='color:#fff'>{}</p>",
    "<p style='color: rgb(255, 255, 255); background: white'>{}</p>",
    "<p style='color:red;background-color:red'>{}</p>",
    "<p style='position:absolute;left:-9999px'>{}</p>",
    "<p style='height:0;overflow:hidden'>{}</p>",
    "<p style='text-indent:-9999px'>{}</p>",
    "<p hidden>{}</p>",
    "<p class='sr-only'>{}</p>",
    "<style>.x{{display:none}}</style><p class='a x'>{}</p>",
    "<style>p#y , b{{ visibility: hidden }}</style><p id=y>{}</p>",
    "<font color=white>{}</font>",
    "<!-- {} -->",
    "<script>{}</script>",
    "<template>{}</template>",
    "<noscript>{}</noscript>",
    "<img alt='{}'>",
    "<del>{}</del>",
    "<p style='display:none'><span style='display:block'>{}</span></p>",
]


@pytest.mark.parametrize("source", HIDDEN)
def test_hidden_text_is_dropped(source: str) -> None:
    assert body(f"<p>Seen.</p>{source.format('SECRET')}<p>Too.</p>") == "Seen.\n\nToo."


@pytest.mark.parametrize(
    "source",
    [
        "<div style='background:#003'><p style='color:white'>{}</p></div>",
        "<p style='font-size:10px'>{}</p>",
        "<p style='opacity:0.8'>{}</p>",
        "<style>@media print{{.x{{display:none}}}}</style><p class=x>{}</p>",
        "<p style='width:100%'>{}</p>",
        "<p style='background-color:white'>{}</p>",
        "<p class='hidden md:block'>{}</p>",
        "<details><summary>More</summary>{}</details>",
    ],
)
def test_visible_text_stays(source: str) -> None:
    assert "SEEN" in body(f"<p>Other.</p>{source.format('SEEN')}")


def test_literal_signs_do_not_become_marks() -> None:
    assert body("<p># no heading</p><p>&lt;script&gt; [a](javascript:b) &amp;lt;</p>") == (
        "\\# no heading\n\n&lt;script> [a] (javascript:b) &amp;lt;"
    )


def test_right_to_left_text_keeps_its_order() -> None:
    assert body("<div dir=rtl><h1>سياسة الإرجاع</h1><p>يمكنك إرجاع المنتج خلال 30 يومًا.</div>") == (
        "# سياسة الإرجاع\n\nيمكنك إرجاع المنتج خلال 30 يومًا."
    )


def test_huge_spans_stay_small() -> None:
    assert len(body("<table><tr><td colspan=99999999>a<td rowspan=88888>b</table>")) < 1000
