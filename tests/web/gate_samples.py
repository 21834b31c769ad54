"""Made-up views of the gate: decisions about many, policies, publications, a review and what stands beside it."""

from __future__ import annotations

from dataclasses import replace

from stonehand.articles.differences import Part
from stonehand.web.pages import policies, publications, reviews
from stonehand.web.pages.parts import Badge, Link, Meter, Pager, Tab
from tests.web import samples
from tests.web.samples import ID, back

BULK = reviews.BulkView(
    ID + "31",
    "Approving 41 drafts",
    Badge("Going on", "busy"),
    Meter(24, 41),
    "Mira Osei",
    back(minutes=1),
    22,
    (
        (Link("Ferry timetable for the closure", f"/review/{ID}03"), "no source supports 1 of the sentences"),
        (Link("Still air over the north", f"/review/{ID}02"), "a comment must be dealt with first"),
    ),
    Link("The job", f"/jobs/{ID}21"),
    True,
    False,
)
QUEUE = replace(
    samples.QUEUE,
    narrowed=reviews.Narrowed(language="en", warnings="some", older=2, count=3, query="language=en"),
    channels=(reviews.ChannelChoice(ID + "c1", "Harbour Post", "/srv/www", True),),
    languages=("de", "en"),
    can_publish=True,
    can_edit=True,
)
BESIDE = reviews.Beside(
    threads=(
        reviews.Thread(
            ID + "t1",
            "Eve Lind",
            back(minutes=9),
            "Did the council say nine or ten bearings?",
            "Inspectors found cracks in nine of the bridge's forty bearings on Thursday night.",
            True,
            "",
            (("Mira Osei", back(minutes=4), "Nine, I have asked them."),),
        ),
        reviews.Thread(ID + "t2", "Mira Osei", back(hours=1), "A shorter title?", "", False, "Eve Lind"),
    ),
    holding=1,
    approved_by=("Eve Lind",),
    rules=("Harbour Post: two people approve",),
    trail=(
        reviews.Deed("Eve Lind", back(minutes=5), "approved as one of several the review", "a second person"),
        reviews.Deed("Mira Osei", back(minutes=9), "edited the draft"),
    ),
    correction="The number of bearings was wrong.",
    can_comment=True,
)
REVIEW = replace(samples.REVIEW, beside=BESIDE)
PUBLICATIONS = publications.PublicationsView(
    (
        publications.PublicationRow(
            ID + "p1",
            "Harbour bridge closed for a year",
            "Harbour Post",
            Badge("Published", "good"),
            back(hours=2),
            "https://post.example/bridge",
            alarm="a source has changed",
        ),
        publications.PublicationRow(
            ID + "p2",
            "Ferry timetable",
            "Harbour Post",
            Badge("Retracted"),
            back(hours=5),
            note="It was last year's.",
            is_sample=True,
        ),
    ),
    (Tab("All", "/publications", None, True), Tab("Published", "/publications?show=published", 41)),
    57,
    1,
    Pager(older="/publications?before=x"),
)
PUBLICATION = publications.PublicationView(
    id=ID + "p1",
    title="Harbour bridge closed for a year",
    channel="Harbour Post",
    badge=Badge("Published", "good"),
    label="Selected by Stonehand from the articles it names",
    href="https://post.example/bridge",
    path="",
    post=Link("The post", "/posts/one"),
    review=Link("The review that let it out", f"/review/{ID}01"),
    due_at=back(hours=2),
    published_at=back(hours=2),
    corrected_at=back(minutes=30),
    retraction="",
    attempts=2,
    error="the answer was lost",
    job=Link("Its job, with every try", f"/jobs/{ID}21"),
    changes=(
        publications.Change(
            ID + "h1",
            "Correction",
            Badge("Done", "good"),
            "Mira Osei",
            back(minutes=30),
            "The number of bearings was wrong.",
        ),
        publications.Change(
            ID + "h2",
            "Retraction",
            Badge("Needs a look", "bad"),
            "Mira Osei",
            back(minutes=10),
            "The source took it back.",
            "nobody knows whether it happened",
            True,
            True,
            True,
        ),
    ),
    sources=(
        publications.CitedSource(
            Link("Bridge shut overnight", f"/articles/{ID}12"),
            Link("What changed", f"/articles/{ID}12/changes"),
            Badge("Changed", "bad"),
            back(days=-2),
            ("Inspectors found cracks in nine of the bridge's forty bearings.",),
            ID + "12",
            (
                Part("same", "Inspectors found "),
                Part("removed", "nine"),
                Part("added", "four"),
                Part("same", " cracks."),
            ),
        ),
        publications.CitedSource(
            Link("Council minutes", f"/articles/{ID}13"), Link("", ""), Badge("Stands as cited", "good"), None
        ),
    ),
    markdown="The bridge is closed [[1]](https://post.example/1).",
    can_correct=True,
    can_retract=True,
)
OUTLETS = (policies.Choice(ID + "s1", "Northmark Daily", True), policies.Choice(ID + "s2", "Council"))
POLICIES = policies.PoliciesView(
    (
        policies.ChannelRule(
            ID + "c1",
            "Harbour Post",
            "two",
            "two people approve",
            Badge("A person approves", "good"),
            policies.PolicyForm(),
        ),
        policies.ChannelRule(
            ID + "c2",
            "Weather wire",
            "one",
            "one person approves",
            Badge("Goes out by policy", "warn"),
            policies.PolicyForm(
                "Weather notes of one agency",
                5,
                "2027-01-31",
                "verbatim",
                200,
                OUTLETS,
                (policies.Choice("a1", "Wire"),),
            ),
            True,
            True,
            "Weather notes of one agency",
            "2 of 5 today",
            back(days=-20),
            "every sentence word for word, up to 200 words, no warnings",
        ),
    ),
    (("one", "one person approves"), ("two", "two people approve")),
    "one person approves",
    True,
    True,
)
STOPPED = replace(samples.CHROME, stopped="Mira Osei has stopped everything that leaves this machine: a wrong name")
