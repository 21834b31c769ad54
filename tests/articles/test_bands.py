"""Bands are kept under an article's place in the index, and older ones move there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import command

from stonehand.articles import bands
from stonehand.articles.models import Article, Band
from stonehand.db import Database
from stonehand.migrations import upgrading
from tests.web.pages import newsroom

LONG = "SELECT article_id, value FROM article_bands"
SHORT = "SELECT i.article_id, b.value, i.version FROM article_bands b JOIN article_index i ON i.number = b.number"


def put(database: Database) -> str:
    with database.transaction() as session:
        return newsroom.article(session, "A bridge is mended.")


def test_bands_take_the_place_of_those_before(either_database: Database) -> None:
    one, other = put(either_database), put(either_database)
    with either_database.transaction() as session:
        bands.write(session, {one: [1, 2, 2], other: [2]})
        assert bands.meetings(session, {1, 2, 3}) == {1: [one], 2: [one, other]}
        bands.write(session, {one: [-(2**63)]})
        assert bands.meetings(session, {-(2**63), 1, 2}) == {-(2**63): [one], 2: [other]}
        bands.write(session, {one: ()})
        bands.remove(session, [other])
        assert bands.meetings(session, {1, 2}) == bands.meetings(session, set()) == {}


def test_bands_go_with_their_article(either_database: Database) -> None:
    one = put(either_database)
    with either_database.transaction() as session:
        bands.write(session, {one: [1]})
        session.execute(sa.delete(Article).where(Article.id == one))
        assert session.scalar(sa.select(sa.func.count(Band.value))) == 0


def test_older_bands_move_there_and_back(either_database: Database) -> None:
    indexed, late = put(either_database), put(either_database)
    long = {(indexed, 7), (indexed, -(2**62)), (late, 7)}
    with either_database.engine.connect() as connection:
        config = upgrading.alembic_config(connection)
        command.stamp(config, "head")
        command.downgrade(config, "0033")
        connection.exec_driver_sql(f"INSERT INTO article_index (article_id, version) VALUES ('{indexed}', 2)")
        for id_, value in long:
            connection.exec_driver_sql(f"INSERT INTO article_bands (value, article_id) VALUES ({value}, '{id_}')")
        connection.commit()
        command.upgrade(config, "head")
        found = connection.exec_driver_sql(SHORT).all()
        assert {(id_, value) for id_, value, _ in found} == long
        assert {id_: version for id_, _, version in found} == {indexed: 2, late: 0}
        connection.commit()
        command.downgrade(config, "0033")
        assert set(map(tuple, connection.exec_driver_sql(LONG).all())) == long
