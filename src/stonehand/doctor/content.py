"""What is loaded and where content comes from: rooms, plugins, the embedding model, the sources."""

from __future__ import annotations

import shlex

from stonehand import config, db, pipeline, registry
from stonehand.doctor.findings import Verdict, counted, fine, problem, warning
from stonehand.jobs import declaration
from stonehand.llm import configured
from stonehand.llm.configured import Candidate
from stonehand.nlp import embedding
from stonehand.reviews import policies
from stonehand.sources import queries
from stonehand.vault import SecretUnreadable


def rooms() -> list[Verdict]:
    """Whether every room's tasks can be imported, as a worker imports them when it starts."""
    broken = [verdict for room in pipeline.ROOMS if (verdict := _load(room))]
    return broken or fine(f"All {len(declaration.known())} tasks can be imported.")


def _load(room: str) -> Verdict | None:
    try:
        declaration.load(room)
    except Exception as error:  # whatever a module raises while it is imported
        reason = f"{type(error).__name__}: {error}"
        return problem(
            f"The tasks of {room} cannot be imported ({reason}), so no worker starts.",
            "install what is missing: make setup, or pip install again into the same environment",
        )
    return None


def plugins() -> list[Verdict]:
    """Whether every plugin could be loaded."""
    broken = registry.registry().broken
    return [
        problem(f"The plugin {name} cannot be loaded: {why}.", "install what it needs, or remove it: pip uninstall")
        for name, why in sorted(broken.items())
    ] or fine("All are loaded.")


def model() -> list[Verdict]:
    """Whether the embedding model was built."""
    if embedding.name() == embedding.LEXICAL:
        return fine("The model's package is not installed; texts are compared by their words alone.")
    path = config.settings().data_dir / "models" / embedding.FILE
    return (
        fine(f"{embedding.name()} is there.") if path.is_file() else [problem(f"{path} is missing.", "stonehand init")]
    )


def language_models() -> list[Verdict]:
    """Whether every model that is switched on has a key that opens and that its server takes. None of them is asked."""
    with db.database().read() as session:
        found = [each for each in configured.every(session) if each.is_enabled]
    if not found:
        return fine("None is configured; drafts are made of quotations.")
    broken = [verdict for each in found if (verdict := _language_model(each))]
    return broken or fine(f"{counted(len(found), 'model')} configured, {found[0].name} is asked first.")


def _language_model(each: Candidate) -> Verdict | None:
    mend = f"stonehand models edit {each.id} --key-file FILE; then: stonehand models test {each.id}"
    if each.provider.needs_key and not each.sealed:
        return problem(f"{each.name} has no key.", mend)
    if each.refused_at is not None:
        return problem(f"The key of {each.name} is refused since {each.refused_at:%Y-%m-%d %H:%M} UTC.", mend)
    try:
        each.server(1.0)
    except SecretUnreadable as error:
        return problem(f"The key of {each.name} cannot be read: {error}.", mend)
    return None


def expired_policies() -> list[Verdict]:
    """Whether a policy that is on has come to its last day, so that what it let out waits for a person."""
    with db.database().read() as session:
        found = [(channel.name, policy.expires_at) for policy, channel in policies.expired(session)]
    return [
        warning(
            f"The policy of {name} is over since {last:%Y-%m-%d %H:%M} UTC; what goes there waits for a person.",
            f"stonehand policy off {shlex.quote(name)}; or give it another last day on the page Policies",
        )
        for name, last in found
    ] or fine("None that is on is over.")


def sources() -> list[Verdict]:
    """Which sources fail."""
    with db.database().read() as session:
        troubled = [each for each in queries.in_trouble(session) if not each.is_sample]
    if not troubled:
        return fine("None is failing.")
    first = troubled[0]
    words = f"{len(troubled)} failing, first {first.title or first.url}: {first.last_error}"
    return [warning(words, f"stonehand source show {first.id}")]
