"""Whatever a file holds, reading it gives entries and problems, soon and in little memory."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questions.formats import Entry, Problem, Severity, Source
from questions.formats.registry import FORMATS, read
from tests.benchmarks.yardstick import within
from tests.questions.formats.seeds import PACKAGES, SEEDS

MARKUP = [
    *(b"<", b">", b"</", b"<!--", b"]]>", b"<![CDATA[", b"&lt;", b"&#0;", b"&b;", b"<p>", b"<table>"),
    *(b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"{", b"}", b"[", b"]", b"=", b"~", b"#", b"####", b"::", b"//"),
    *(b"\\", b"%50%", b"->", b"- [x] ", b"### ", b"```", b"---\n", b"&a ", b"*a", b"!!int ", b"- ", b": "),
    *(b'"', b"'", b",", b";", b"\t", b"\n", b"\n\n", b"\r", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe"),
    *(b"ANSWER: ", b"A) ", b"MC\t", b"PK\x03\x04"),
]
DEEP = [b"{" * 400, b"[" * 400, b"<a>" * 400, b"- " * 400, b"> " * 400, b"(" * 400, b"**a " * 200]
READ = [slug for slug, format_ in FORMATS.items() if format_.read]


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """The content with a few places flipped, cut, doubled or filled."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        end = min(len(content), at + draw(st.integers(0, 60)))
        match draw(st.sampled_from(["flip", "cut", "truncate", "double", "insert", "bytes"])):
            case "flip" if at < len(content):
                flipped = bytes([content[at] ^ draw(st.integers(1, 255))])
                content = content[:at] + flipped + content[at + 1 :]
            case "cut":
                content = content[:at] + content[end:]
            case "truncate":
                content = content[:at]
            case "double":
                content = content[:end] + content[at:]
            case "insert":
                content = content[:at] + draw(st.sampled_from(MARKUP + DEEP)) + content[at:]
            case _:
                content = content[:at] + draw(st.binary(max_size=6)) + content[end:]
    return content


def check(slug: str, content: bytes, encoding: str = "utf-8") -> None:
    suffix = FORMATS[slug].suffix
    position = 0.0
    for found in read(Source("bank" + suffix, content, encoding=encoding), slug):
        if isinstance(found, Problem):
            continue
        assert isinstance(found, Entry)
        errors = [problem for problem in found.problems if problem.severity is Severity.ERROR]
        assert found.draft is not None or found.skipped or errors
        assert all(str(problem).isprintable() for problem in found.problems)
        assert all(problem.advice.strip() for problem in found.problems)
        assert 0 <= position <= found.done <= 1
        position = found.done
        found.raw.encode()


@pytest.mark.parametrize("slug", READ)
@given(st.data())
@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.data_too_large]
)
def test_no_damage_breaks_a_reader(slug: str, data: st.DataObject) -> None:
    seed = data.draw(st.sampled_from([SEEDS[slug], PACKAGES[slug]]))
    check(slug, data.draw(damaged(seed)))


@pytest.mark.parametrize("slug", READ)
@given(st.sampled_from(sorted(SEEDS)), st.binary(max_size=60), st.sampled_from(["utf-8", "cp1252", "utf-16"]))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_no_other_file_breaks_a_reader(slug: str, other: str, start: bytes, encoding: str) -> None:
    check(slug, start + SEEDS[other], encoding)
    check(slug, PACKAGES[other])


def body(slug: str) -> tuple[bytes, bytes, bytes]:
    """A seed as what stands before, at and after the place of its first stem."""
    seed = SEEDS[slug]
    word = b"Which?" if b"Which?" in seed else b"Stem of q-001. What next?"
    before, found, after = seed.partition(word)
    return before, found, after


PATHOLOGIES = {
    "one long line": lambda before, word, after, size: before + b"a " * (size // 2) + after,
    "one long word": lambda before, word, after, size: before + b"a" * size + after,
    "many tiny lines": lambda before, word, after, size: before + b"\nx" * (size // 2) + after,
    "many questions": lambda before, word, after, size: (
        (before + word + after) * (size // len(before + word + after) + 1)
    ),
    "opening braces": lambda before, word, after, size: before + b"{" * size + after,
    "opening brackets": lambda before, word, after, size: before + b"[" * size + after,
    "opening tags": lambda before, word, after, size: before + b"<a>" * (size // 3) + after,
    "escaped tags": lambda before, word, after, size: before + b"&lt;b&gt;" * (size // 9) + after,
    "stars": lambda before, word, after, size: before + b"*a **b " * (size // 7) + after,
    "quotes": lambda before, word, after, size: before + b"> " * (size // 2) + after,
    "backticks": lambda before, word, after, size: before + b"` `` " * (size // 5) + after,
    "dollars and tildes": lambda before, word, after, size: before + b"~=$#%" * (size // 5) + after,
    "quotation marks": lambda before, word, after, size: before + b"\"'" * (size // 2) + after,
    "ampersands": lambda before, word, after, size: before + b"&" * size + after,
    "dashes": lambda before, word, after, size: before + b"\n- " * (size // 3) + after,
    "line ends": lambda before, word, after, size: before + b"\n" * size + after,
    "spaces": lambda before, word, after, size: before + b" " * size + after,
    "comments": lambda before, word, after, size: before + b"<!-- " * (size // 5) + after,
}

PROGRAM = textwrap.dedent("""
    import json, resource, sys, time
    from pathlib import Path
    resource.setrlimit(resource.RLIMIT_CPU, (600, 600))
    import django
    django.setup()
    from questions.formats import Source
    from questions.formats.registry import FORMATS, read
    slug, path = sys.argv[1:]
    content = Path(path).read_bytes()
    before = time.process_time()
    count = sum(1 for _ in read(Source("bank" + FORMATS[slug].suffix, content), slug))
    print(json.dumps({"seconds": time.process_time() - before, "found": count,
                      "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
""")


def measured(slug: str, content: bytes, folder: Path) -> dict[str, float]:
    """Seconds of CPU and megabytes that reading takes in a process of its own."""
    path = folder / "content"
    path.write_bytes(content)
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, slug, str(path)],
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        check=False,
        timeout=900,
    )
    assert ran.returncode == 0, ran.stderr.decode()[-2000:]
    found: dict[str, float] = json.loads(ran.stdout)
    return found


TEXTS = [slug for slug in READ if slug not in {"xlsx", "qti2"}]


@pytest.mark.parametrize("slug", TEXTS)
def test_no_shape_of_a_small_file_takes_long(slug: str) -> None:
    for make in PATHOLOGIES.values():
        content = make(*body(slug), 50_000)
        with within(2):
            check(slug, content)


@pytest.mark.long
@pytest.mark.parametrize("shape", PATHOLOGIES)
@pytest.mark.parametrize("slug", TEXTS)
def test_five_megabytes_of_any_shape_take_less_than_ten_seconds_and_512_mb(
    slug: str, shape: str, tmp_path: Path
) -> None:
    found = measured(slug, PATHOLOGIES[shape](*body(slug), 5_000_000), tmp_path)
    assert (found["seconds"] < 10, found["megabytes"] < 512) == (True, True), found
