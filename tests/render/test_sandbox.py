"""A template is a stranger's program: it gets values, and nothing else of the machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from digest.errors import TemplateError
from digest.render.blame import blame
from digest.render.manuscript import FILTERS
from digest.render.sandbox import OFFERED, Sandbox
from digest.render.variables import variables
from tests.render.issues import LINKS, issue_of, newsletter


def write(source: str, folder: Path, **context: Any) -> str:
    (folder / "t.txt").write_text(source, encoding="utf-8")
    values: dict[str, Any] = {**variables(newsletter(), 3, issue_of(3), LINKS), **context}
    with blame(folder, folder / "t.txt", offers=(*OFFERED, *FILTERS)):
        sandbox = Sandbox(folder, values, FILTERS)
        return sandbox.write(sandbox.get_template("t.txt"), values)


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ newsletter.__class__ }}",
        "{{ newsletter['__class__'] }}",
        "{{ lead.title.__init__.__globals__ }}",
        "{{ range.__globals__ }}",
        "{{ FILTERS }}",
        "{{ self.__init__ }}",
        "{{ ''|attr('__class__') }}",
        "{{ 'x'.format }}",
        "{{ 'a{0}'.format(1) }}",
        "{{ (1).to_bytes(1000000000, 'big') }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ lipsum.__globals__ }}",
        "{% include '../secret.txt' %}",
        "{% include '/etc/passwd' %}",
        "{% import '../secret.txt' as x %}",
        "{{ open('/etc/passwd') }}",
        "{{ namespace.__init__ }}",
    ],
)
def test_a_template_cannot_reach_out_of_its_values(attack: str, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "templates"
    folder.mkdir()
    with pytest.raises(TemplateError) as error:
        write(attack, folder)
    assert error.value.file == str(folder / "t.txt")
    assert error.value.line == 1


def test_a_link_that_leads_out_of_the_templates_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(TemplateError, match="there is no template"):
        write("{% include 'link.txt' %}", folder)


@pytest.mark.parametrize(
    "attack",
    [
        "{{ 'a' * 300000000 }}",
        "{{ 300000000 * 'a' }}",
        "{{ [1] * 300000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 2.0 ** 100000 }}",
        "{{ 10 ** 200 * 10 ** 200 }}",
        "{{ '%0999999999d' % 1 }}",
        "{% for i in range(1000000000) %}{% endfor %}",
        "{% for a in range(1000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}",
        "{% set r = range(1000) %}{% for a in r %}{% for b in r %}{% endfor %}{% endfor %}",
        "{% set n = namespace(x='aaaaaaaaaa') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
        "{% set n = namespace(x='aaaaaaaaaa') %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
        "{% set n = namespace(x=[1, 2]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}",
        "{% set n = namespace(x={}) %}{% for i in range(99) %}{% set n.x = {'a': n.x, 'b': n.x, 'c': 1} %}{% endfor %}",
        "{% set x = 'a' * 20000 %}{{ x|replace('a', x) }}",
        "{% set x = 'a' * 20000 %}{{ x|replace('', x) }}",
        "{% set x = 'a' * 20000 %}{{ range(1000)|join(x) }}",
        "{% set x = 'a' * 20000 %}{% for i in range(900) %}{{ x }}{% endfor %}",
        "{% set x = 'a' * 20000 %}{% macro m() %}{% for i in range(99) %}{{x}}{% endfor %}{% endmacro %}{% set y=m()%}",
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% include 't.txt' %}",
        "{% for x in [1] recursive %}{{ loop([1, 2]) }}{% endfor %}",
        "{{ 'x'|center(1000000000) }}",
        "{{ 'x'|indent(1000000000) }}",
        "{{ 'x'.zfill(1000000000) }}",
        "{{ 'x'.ljust(1000000000) }}",
        "{{ '{:>1000000000}'.format(1) }}",
    ],
)
def test_a_template_cannot_take_the_machines_time_or_memory(attack: str, tmp_path: Path) -> None:
    with pytest.raises(TemplateError) as error:
        write(attack, tmp_path)
    assert error.value.line == 1


@pytest.mark.parametrize("attack", ["{{ tags.append('x') }}", "{% do tags.append('x') %}", "{{ tags.clear() }}"])
def test_a_template_cannot_change_its_values(attack: str, tmp_path: Path) -> None:
    tags = ["a"]
    with pytest.raises(TemplateError):
        write(attack, tmp_path, tags=tags)
    assert tags == ["a"]


def test_the_variables_are_plain_frozen_data() -> None:
    def assert_plain(value: object) -> None:
        kind = type(value).__name__
        assert kind in {"str", "int", "bool", "float", "tuple", "mappingproxy"}, kind
        for each in value.values() if kind == "mappingproxy" else value if kind == "tuple" else ():
            assert_plain(each)

    for value in variables(newsletter(), 3, issue_of(12), LINKS).values():
        assert_plain(value)


def test_what_a_mail_needs_is_allowed(tmp_path: Path) -> None:
    source = """\
{{ "-" * 72 }}
{{ posts[1:]|map(attribute="title")|join("、") }}
{% for row in posts|batch(2) %}{{ loop.index }}/{{ loop.length }}:{{ row|length }};{% endfor %}

{{ (issue.count + 4) * 2 % 5 }} {{ "第" ~ issue.number ~ "号" }} {{ lead.title|upper|replace("LLAMA", "ラマ") }}
{% for key, value in links.items() %}{{ key }} {% endfor %}
"""
    lines = write(source, tmp_path).splitlines()
    assert lines[0] == "-" * 72
    assert lines[1].startswith("OpenAI、企業向け")
    assert lines[2] == "1/2:2;2/2:1;"
    assert lines[3].startswith("4 第3号 ラマ 4の")
    assert lines[4].strip() == "unsubscribe view"


@pytest.mark.parametrize(
    ("source", "message", "fix"),
    [
        ("{{ newsleter.title }}", "there is no `newsleter` here", "did you mean `newsletter`?"),
        ("{{ lead.titel }}", "there is no `titel` here", "did you mean `title`?"),
        ("{{ posts[0].excerp }}", "there is no `excerp` here", "did you mean `excerpt`?"),
        ("{{ lead.title|upcase }}", "No filter named 'upcase'", "did you mean"),
        ("{{ lead.title|wrapp }}", "No filter named 'wrapp'", "did you mean `wrap`?"),
        ("{{ lead.title|safe }}", "No filter named 'safe'", ""),
        ("{% if lead %}", "Unexpected end of template", ""),
        ("{{ posts }}", "only text and numbers can be printed", "is a `for` loop or a `.name` missing?"),
        ("{{ lead }}", "only text and numbers can be printed", "is a `for` loop or a `.name` missing?"),
        ("{{ 1 / 0 }}", "division by zero", ""),
        ("{{ '{minute}'|fill(minutes=3) }}", "asks for {minute}", "it can hold {minutes}"),
        ("{{ 'red'|ink }}", "“red” is not a colour", "write it as #rrggbb, such as #1f5f8b"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_right_word(
    source: str, message: str, fix: str, tmp_path: Path
) -> None:
    with pytest.raises(TemplateError) as error:
        write(f"first line\nsecond line\n{source}\nlast line\n", tmp_path)
    assert message in error.value.message
    assert fix in error.value.fix
    assert error.value.file == str(tmp_path / "t.txt")
    assert error.value.line in ({3, 4, 5} if "if lead" in source else {3})
