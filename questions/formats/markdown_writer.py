"""Questions to Markdown of our own kind, which reads back letter for letter.

Texts stand as they are. Each question is read back as soon as it is written, and where a text would not come
back as it was (a stem with a line that looks like an option, a code block that nothing closes) it stands in
the question's comment as a JSON string instead, with its first words where it would have been."""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict

from questions.formats import Draft, Entry, Exhibit, Export, Option, Reference, Source, cells, option_id
from questions.formats.keys import kind_of
from questions.formats.markdown_lines import document

_MEDIA = {"jpg": "jpeg", "jpeg": "jpeg", "gif": "gif", "webp": "webp", "svg": "svg+xml"}
_STARTS_CODE = re.compile(r"[ \t]|`{3}|~{3}|[-*+>|]|[0-9]+[.)]")
Reader = Callable[[Source], Iterator[object]]


def front_matter(certification: str) -> str:
    return f"---\nformat: 1\ncertification: {certification}\n---\n"


def write(export: Export, read: Reader) -> bytes:
    """The file; `read` is the reader that it has to come back through."""
    front = front_matter(export.certification)
    title = f"\n# {' '.join(export.title.split())}\n" if export.title.strip() else ""
    texts = [_question(draft, export, read, front) for draft in export.drafts]
    return "\n".join([front + title, *texts]).encode("utf-8", "replace")


def _question(draft: Draft, export: Export, read: Reader, front: str) -> str:
    exact: frozenset[str] = frozenset()
    while True:
        text = _text(draft, export, exact)
        differing = _differing(draft, f"{front}\n{text}", read)
        if differing <= exact:
            return text
        exact |= differing


def _differing(draft: Draft, text: str, read: Reader) -> frozenset[str]:
    """The texts of a question that do not come back, by their fields' paths."""
    texts = _texts(draft)
    entries = list(read(Source("written.md", text.encode("utf-8", "replace"))))
    entry = entries[0] if len(entries) == 1 else None
    if (
        not isinstance(entry, Entry)
        or entry.draft is None
        or any(line.opens for line in document(text).lines)
    ):
        return frozenset(texts)
    found = _texts(entry.draft)
    if len(found) != len(texts):
        return frozenset(texts)
    return frozenset(name for name, value in texts.items() if found.get(name) != value)


def _texts(draft: Draft) -> dict[str, object]:
    texts: dict[str, object] = {
        "stem": draft.stem,
        "explanation": draft.explanation,
        "references": draft.references,
        "testing_point": draft.testing_point,
    }
    for position, option in enumerate(draft.options):
        texts[f"options[{position}].text"] = option.text
        texts[f"options[{position}].rationale"] = option.rationale
    return texts


def _text(draft: Draft, export: Export, exact: frozenset[str]) -> str:
    blocks = [_heading(draft.stem, exact), _about(draft, exact)]
    blocks += [_figure(draft, exhibit, export.figures) for exhibit in draft.exhibits]
    blocks.append("\n".join(_option(option, n, exact) for n, option in enumerate(draft.options)))
    if draft.explanation and "explanation" not in exact:
        blocks.append(f"**Explanation:**\n\n{draft.explanation}")
    if draft.references and "references" not in exact:
        blocks.append("**References:**\n\n" + "\n".join(map(_reference, draft.references)))
    return "\n\n".join(blocks) + "\n"


def _heading(stem: str, exact: frozenset[str]) -> str:
    if "stem" in exact:
        return f"### {_first_words(stem)}"
    return f"###\n\n{stem}" if _STARTS_CODE.match(stem) else f"### {stem}"


def _first_words(text: str) -> str:
    return " ".join(re.sub(r"[^A-Za-z0-9,?]+", " ", text[:400]).split())[:80].strip() or "See the comment"


def _about(draft: Draft, exact: frozenset[str]) -> str:
    said = {
        "id": draft.id,
        "kind": "" if draft.kind == kind_of(sum(option.correct for option in draft.options)) else draft.kind,
        "task_statement": draft.task_statement,
        "level": str(draft.level),
        "testing_point": draft.testing_point,
        "services": _list(draft.services),
        "enemies": _list(draft.enemies),
        "shuffle": "" if draft.shuffle else "no",
        "verified_on": draft.verified_on.isoformat() if draft.verified_on else "",
    }
    lists = {"services", "enemies"}
    lines = [f"{name}: {value if name in lists else _value(value)}" for name, value in said.items() if value]
    if "stem" in exact:
        lines.append(f"stem: {_json(draft.stem)}")
    if "explanation" in exact:
        lines.append(f"explanation: {_json(draft.explanation)}")
    if "references" in exact:
        lines.append(f"references: {_json([asdict(reference) for reference in draft.references])}")
    return "\n".join(["<!--", *lines, "-->"])


def _value(text: str) -> str:
    plain = "--" not in text and "\n" not in text and text == text.strip() and text[0] not in '"{'
    return text if plain else _json(text)


def _json(value: object) -> str:
    """JSON that cannot end a comment."""
    return json.dumps(value, ensure_ascii=False).replace(">", "\\u003e")


def _list(names: Sequence[str]) -> str:
    plain = "; ".join(names)
    safe = not re.search(r"--|\n", plain) and plain[:1] not in {"[", '"', "{"}
    return plain if safe and cells.names(plain) == tuple(names) else _json(list(names))


def _figure(draft: Draft, exhibit: Exhibit, figures: Mapping[tuple[str, str], bytes]) -> str:
    content = figures.get((draft.id, exhibit.file))
    path = f"images/{exhibit.file}"
    if content is not None:
        media = _MEDIA.get(exhibit.file.rpartition(".")[2].lower(), "png")
        path = f"data:image/{media};base64,{base64.b64encode(content).decode()}"
    return f"<!--\nexhibit: {_json(asdict(exhibit))}\n-->\n![{_first_words(exhibit.alt)}]({path})"


def _option(option: Option, position: int, exact: frozenset[str]) -> str:
    path = f"options[{position}]"
    said: dict[str, str] = {}
    if option.id != option_id(position):
        said["id"] = option.id
    if option.distractor_tag:
        said["distractor_tag"] = option.distractor_tag
    if option.fixed:
        said["fixed"] = "yes"
    text = option.text
    if f"{path}.text" in exact:
        said["text"] = _json(option.text)
        text = _first_words(option.text)
    first, *rest = text.split("\n")
    lines = [f"- [{'x' if option.correct else ' '}] {first}", *(f"  {line}" if line else "" for line in rest)]
    if f"{path}.rationale" in exact:
        said["rationale"] = _json(option.rationale)
    elif option.rationale:
        lines += [f"  > {line}" if line else "  >" for line in option.rationale.split("\n")]
    if said or any(line.startswith(" ") for line in rest):
        said = said or {"id": option.id}
        lines += ["  <!--", *(f"  {name}: {value}" for name, value in said.items()), "  -->"]
    return "\n".join(lines)


def _reference(reference: Reference) -> str:
    title = re.sub(r"([\\\[\]])", r"\\\1", reference.title)
    address = reference.url
    if re.search(r"[()<>\s\\]", address):
        address = "<" + re.sub(r"([\\<>])", r"\\\1", address) + ">"
    return f"- [{title}]({address})"
