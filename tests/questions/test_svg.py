import pytest

from questions import svg
from questions.exhibits import FigureError, inspect

HEAD = 'xmlns="http://www.w3.org/2000/svg"'
INKSCAPE = 'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'
SODIPODI = 'xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd"'
XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'


def test_what_a_drawing_program_leaves_is_taken_out() -> None:
    drawn = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<!-- made by hand -->
<svg {HEAD} {INKSCAPE} {SODIPODI} {XLINK} width="40px" height="20" inkscape:version="1.3" class="a">
<sodipodi:namedview id="base"><inkscape:grid/></sodipodi:namedview><metadata><a xmlns="x">1</a></metadata>
<linearGradient id="two" xlink:href="#one" inkscape:collect="always"/>
<rect style="fill:url(#two);stroke-width:2;-inkscape-stroke:none;mix-blend-mode:normal" fill="red"/>
<text xml:space="preserve">a &lt; b</text></svg>"""
    assert svg.plain(drawn.encode()).decode() == (
        f'<svg {HEAD} width="40px" height="20" viewBox="0 0 40 20">\n\n'
        '<linearGradient id="two" href="#one"></linearGradient>\n'
        '<rect fill="url(#two)" stroke-width="2"></rect>\n'
        '<text xml:space="preserve">a &lt; b</text></svg>'
    )
    figure = inspect(drawn.encode())
    assert (figure.content, inspect(figure.content)) == (svg.plain(drawn.encode()), figure)


@pytest.mark.parametrize(
    ("inside", "advice"),
    [
        (
            "<script>1</script>",
            "Remove the element 'script' from the SVG: only plain shapes and text are shown.",
        ),
        (
            "<style>*{fill:red}</style>",
            "Remove the element 'style' from the SVG: only plain shapes and text are shown.",
        ),
        (
            '<rect style="fill:url(https://e.org/x)"/>',
            "Remove the reference in the attribute 'fill': an SVG may use only itself.",
        ),
        ('<rect style="fill:red !important"/>', "Remove the attribute 'style' from the SVG."),
        ('<rect onclick="x"/>', "Remove the attribute 'onclick' from the SVG."),
        (
            '<image xlink:href="https://e.org/x.png"/>',
            "Remove the element 'image' from the SVG: only plain shapes and text are shown.",
        ),
        ('<pattern xlink:href="https://e.org/x"/>', "Remove the attribute 'href' from the SVG."),
        ('<rect xlink:href="#a"/>', "Remove the attribute 'href' from the SVG."),
    ],
)
def test_what_would_show_something_else_or_run_is_refused(inside: str, advice: str) -> None:
    content = f'<svg {HEAD} {INKSCAPE} {XLINK} viewBox="0 0 9 9" inkscape:version="1">{inside}</svg>'
    with pytest.raises(FigureError) as error:
        inspect(content.encode())
    assert str(error.value) == advice


def test_entities_are_refused_whatever_is_left_out() -> None:
    content = f'<!DOCTYPE svg [<!ENTITY a "b">]><svg {HEAD} viewBox="0 0 9 9"><metadata>&a;</metadata></svg>'
    with pytest.raises(FigureError) as error:
        inspect(content.encode())
    assert str(error.value) == "Remove the document type and its entities from the SVG."
