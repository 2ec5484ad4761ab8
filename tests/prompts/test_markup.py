import pytest

from shopify_imagegen.prompts.markup import visible_text

HIDDEN = {
    "hidden attribute": "<p hidden>SECRET</p>",
    "display none": '<div style="color:red; display : none">SECRET</div>',
    "display none, shouted": '<div STYLE="DISPLAY:NONE">SECRET</div>',
    "visibility": '<span style="visibility:hidden">SECRET</span>',
    "aria-hidden": '<i aria-hidden="true">SECRET</i>',
    "font size zero": '<span style="font-size:0">SECRET</span>',
    "font size zero pixels": '<span style="font-size: 0px; color: red">SECRET</span>',
    "opacity zero": '<span style="opacity:0">SECRET</span>',
    "opacity zero point zero": '<span style="opacity: 0.0;">SECRET</span>',
    "far off the page": '<p style="position:absolute;left:-9999px">SECRET</p>',
    "inside a hidden parent": "<div hidden><p><b>SECRET</b></p></div>",
    "hidden and never closed": "<section hidden><p>SECRET",
    "script": "<script>SECRET</script>",
    "style": "<style>SECRET</style>",
    "template": "<template><p>SECRET</p></template>",
    "svg": "<svg><text>SECRET</text></svg>",
    "comment": "<!-- SECRET -->",
    "conditional comment": "<!--[if mso]>SECRET<![endif]-->",
    "slash does not close": "<div hidden/>SECRET</div>",
    "attribute": '<img alt="SECRET" title="SECRET">',
}


@pytest.mark.parametrize("html", HIDDEN.values(), ids=HIDDEN)
def test_what_a_visitor_cannot_see_is_not_text(html):
    """A supplier hides words from the merchant; they must not reach the prompt either."""
    text, _ = visible_text(f"<p>Oak table</p>{html}")

    assert "SECRET" not in text
    assert "Oak table" in text


SHOWN = {
    "translucent": '<span style="opacity:0.8">WORDS</span>',
    "small": '<span style="font-size:0.9em">WORDS</span>',
    "after a hidden one": "<p hidden>x</p><p>WORDS</p>",
    "after a hidden paragraph that nobody closed": "<p hidden>x<p>WORDS</p>",
    "after a void element": '<input hidden type="text">WORDS',
    "word processor's condition": "<![if !supportLists]>WORDS<![endif]>",
    "unknown declaration": "<![x[>WORDS",
    "stray closing tags": "</div></p>WORDS",
    "entities": "&#87;ORDS",
}


@pytest.mark.parametrize("html", SHOWN.values(), ids=SHOWN)
def test_what_a_visitor_sees_is_text(html):
    """Cleaning that eats honest descriptions makes poor pictures."""
    assert "WORDS" in visible_text(html)[0]


def test_hidden_words_are_reported():
    """The preview tells the merchant that the supplier's text holds something they cannot see."""
    assert (True, False) == (visible_text("a<p hidden>b</p>")[1], visible_text("a<script>b</script>")[1])


def test_blocks_are_lines_and_words_stay_whole():
    """Sentences are judged one by one, so a list must not run together."""
    text, _ = visible_text("<ul><li>Solid <b>o</b>ak<li>Oiled</ul>")

    assert ["Solid oak", "Oiled"] == [line for line in text.split("\n") if line]
