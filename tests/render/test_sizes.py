"""Where the bytes of a mail are, and what people are told when posts were shortened to make it fit."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from digest.models import Level, Selection
from digest.render import Part, Rendered, Renderer
from digest.render.fit import COMFORTABLE
from tests.factories import make_pick, make_selection
from tests.render.issues import COPY, LINKS, TEMPLATES, full_week, issue_of, newsletter, week

DESIGNS = sorted(path.parent.name for path in TEMPLATES.glob("[a-z]*/email.html"))


def made(selection: Selection, **changes: object) -> Rendered:
    wanted = newsletter(file="config/newsletters/weekly.toml", **changes)
    return Renderer(TEMPLATES, COPY).typeset(wanted, 3, selection, LINKS)


def stretches(rendered: Rendered) -> dict[str, str]:
    """Cut the mail into its parts; every part is one stretch."""
    html, texts = rendered.email.html.encode(), {}
    for part in rendered.parts:
        texts[part.key], html = html[: part.size].decode(), html[part.size :]
    assert not html
    return texts


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("posts", [0, 1, 2, 12, 60])
def test_the_parts_add_up_to_the_mail(design: str, posts: int) -> None:
    rendered = made(issue_of(posts), template=design)
    assert sum(part.size for part in rendered.parts) == len(rendered.email.html.encode())
    assert all(part.size > 0 for part in rendered.parts)


def test_the_parts_are_plain_values_that_can_be_copied_and_stored() -> None:
    parts = made(full_week()).parts
    assert "今週の一本" in {part.label for part in parts}
    assert all(type(part.label) is str for part in parts)
    assert [Part(**asdict(part)) for part in parts] == list(parts)


@pytest.mark.parametrize("inliner", ["premailer", "css-inline"])
@pytest.mark.parametrize("design", DESIGNS)
def test_each_part_holds_its_posts_and_its_heading_and_no_others(design: str, inliner: str) -> None:
    selection = full_week()
    wanted = newsletter(template=design, link_parameters={"s": "a&b"})
    renderer = Renderer(TEMPLATES, COPY, inliner)  # type: ignore[arg-type]  # pytest's parameters are plain strings
    rendered = renderer.typeset(wanted, 3, selection, LINKS)
    texts = stretches(rendered)
    lead = next(pick for pick in selection.picks if pick.post.id == selection.lead)
    groups = {f"section:{each.key}": [pick for pick in each.picks if pick != lead] for each in selection.sections}
    groups = {"lead": [lead], **groups, "more": list(selection.more)}
    assert list(texts) == ["head", "masthead", *groups, "foot"]
    for key, picks in groups.items():
        for other, text in texts.items():
            assert all((pick.post.url in text) == (other == key) for pick in picks), (key, other)
    for section in selection.sections:
        assert [key for key, text in texts.items() if f">{section.heading}</h2>" in text] == [f"section:{section.key}"]
    assert "そのほかの記事" in texts["more"]
    assert "こんにちは、編集部です。" in texts["masthead"]
    assert "今週は" in texts["masthead"]
    assert texts["foot"].count(LINKS.unsubscribe_url) == 1
    assert "<style" in texts["head"]
    assert "<body" in texts["masthead"]
    labels = {part.key: part.label for part in rendered.parts}
    assert labels["section:section1"] == "投資分析"
    assert (labels["more"], labels["head"], labels["foot"]) == ("そのほかの記事", "", "")


def test_a_masthead_without_a_greeting_is_no_part_of_the_first_post() -> None:
    texts = stretches(made(issue_of(2), greeting=""))
    assert "ALLFORCES" in texts["masthead"]
    assert "12日" in texts["masthead"]
    assert "12日～18日" not in texts["lead"]
    assert "今週の一本" in texts["lead"]


def test_a_lead_that_is_not_shown_as_one_belongs_to_its_section() -> None:
    keys = [part.key for part in made(full_week(), design={"show_lead": False}).parts]
    assert keys == ["head", "masthead", *(f"section:section{n}" for n in range(4)), "more", "foot"]


def test_a_part_grows_with_what_is_in_it() -> None:
    selection = week()
    pick = selection.sections[2].picks[1]
    longer = replace(pick, excerpt=pick.excerpt + "あ" * 100)
    picks = (selection.sections[2].picks[0], longer, *selection.sections[2].picks[2:])
    sections = (*selection.sections[:2], replace(selection.sections[2], picks=picks), selection.sections[3])
    before, after = made(selection).parts, made(replace(selection, sections=sections)).parts
    grown = [(two.key, two.size - one.size) for one, two in zip(before, after, strict=True) if one != two]
    assert grown == [("section:section2", 300)]


def test_a_mail_that_fits_has_nothing_to_tell() -> None:
    assert made(full_week()).notes == ()


def test_shortened_cards_are_told_with_their_number_their_titles_and_the_reason() -> None:
    rendered = made(week(20))
    (note,) = rendered.notes
    shortened = 79 - rendered.email.html.count("続きを読む")
    assert (note.level, note.code, note.file) == (
        Level.WARNING,
        "mail.cards-shortened",
        "config/newsletters/weekly.toml",
    )
    assert f"of 80 posts the {shortened} with the lowest scores are shown by the title alone" in note.message
    assert "Gmail cuts off long mails" in note.message
    lowest = min(week(20).picks, key=lambda pick: pick.score)
    assert f"(“{lowest.post.title}”, " in note.message
    assert f" and {shortened - 3} others)" in note.message
    size = len(rendered.email.html.encode())
    assert size <= COMFORTABLE
    assert f"now it has {size:,}." in note.message
    assert "max_posts" in note.fix


def test_titles_at_the_end_that_became_plainer_are_a_remark() -> None:
    more = tuple(make_pick(f"m{number}", title="題名だけで伝えるそのほかの記事" * 3) for number in range(100))
    rendered = made(replace(full_week(), more=more))
    (note,) = rendered.notes
    assert (note.level, note.code) == (Level.INFO, "mail.more-compacted")
    assert len(rendered.email.html.encode()) <= COMFORTABLE


def test_the_parts_of_a_design_with_no_marks_of_ours_are_still_told() -> None:
    from digest.render.sizes import parts_of

    post = {"url": "https://e.com/?a=1&b=2", "lead": False, "also": ()}
    more = {"url": "https://e.com/m", "lead": False, "also": ({"url": "https://e.com/n"},)}
    context = {
        "sections": ({"key": "one", "heading": "One", "posts": (post,)},),
        "more": (more,),
        "links": {"unsubscribe": "https://e.com/u"},
        "design": {},
        "words": {"lead": "Lead", "more_posts": "More"},
        "greeting": "Hello",
    }
    stretches = (
        ("head", "<html><head><style>a > b {}</style></head>"),
        ("masthead", '<body><div><p>Hello</p><a href="https://e.com/u">leave</a></div>'),
        (
            "section:one",
            '<div><h2>One</h2><img src="x"><a href="https://e.com/?a=1&amp;b=2"><b>あ</b></a> it<br></div>',
        ),
        (
            "more",
            '<h2>More</h2><p><a href="https://e.com/m">M</a><a href="https://e.com/n">N</a></p>',
        ),
        ("foot", '<!-- </p></p> --><p><a href="https://e.com/u">leave</a></p></body></html>'),
    )
    parts = parts_of("".join(text for _, text in stretches), context)
    labels = {"section:one": "One", "more": "More"}
    assert parts == tuple(Part(key, labels.get(key, ""), len(text.encode())) for key, text in stretches)


@pytest.mark.parametrize("design", DESIGNS)
def test_what_the_html_shows_by_its_title_alone_has_no_excerpt_in_the_text_part_either(design: str) -> None:
    picks = [make_pick(f"p{at}", title=f"題名{at}番") for at in range(200)]
    picks = [replace(pick, score=200.0 - at, excerpt=f"抜粋{at}番です。") for at, pick in enumerate(picks)]
    email = made(make_selection(*picks), template=design).email
    shortened = [at for at in range(200) if f"抜粋{at}番" not in email.html]
    assert 0 < len(shortened) < 200
    assert [at for at in range(200) if f"抜粋{at}番" not in email.text] == shortened
