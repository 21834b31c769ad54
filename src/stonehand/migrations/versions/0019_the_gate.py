"""comments, policies, two pairs of eyes, the brake, corrections and retractions, and cited pages."""

import re

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

DRAFTS = ('correcting', 'retracted')
PUBLICATIONS = ('retracting',)
LIVE = sa.text("state = 'open' OR (state = 'approved' AND released_at IS NULL)")
LIVE_BEFORE = sa.text("state IN ('open', 'approved')")


def upgrade() -> None:
    _states('drafts', DRAFTS, ())
    _states('publications', PUBLICATIONS, ())
    op.add_column('drafts', sa.Column('correction', sa.String(), server_default='', nullable=False))
    op.add_column('articles', sa.Column('missing_since', stonehand.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column('channels', sa.Column('eyes', sa.String(), server_default='one', nullable=False))
    op.add_column('reviews', sa.Column('correction', sa.String(), server_default='', nullable=False))
    op.add_column('reviews', sa.Column('policy_ids', stonehand.db.Json, server_default='[]', nullable=False))
    op.add_column('reviews', sa.Column('bulk_id', sa.String(), nullable=True))
    op.create_index(op.f('ix_reviews_bulk_id'), 'reviews', ['bulk_id'], unique=False)
    _live_reviews(LIVE)
    op.add_column('publications', sa.Column('corrected_at', stonehand.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column('publications', sa.Column('retracted_at', stonehand.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column('publications', sa.Column('retraction', sa.String(), server_default='', nullable=False))
    op.create_table('brakes',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('pulled_by', sa.String(), nullable=False),
    sa.Column('pulled_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_brakes'))
    )
    op.create_table('review_approvals',
    sa.Column('review_id', sa.String(), nullable=False),
    sa.Column('user_id', sa.String(), nullable=False),
    sa.Column('user_name', sa.String(), nullable=False),
    sa.Column('channel_ids', stonehand.db.Json, nullable=False),
    sa.Column('at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['review_id'], ['reviews.id'], name=op.f('fk_review_approvals_review_id_reviews'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('review_id', 'user_id', name=op.f('pk_review_approvals'))
    )
    op.create_table('review_comments',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('draft_id', sa.String(), nullable=False),
    sa.Column('review_id', sa.String(), nullable=False),
    sa.Column('thread_id', sa.String(), nullable=True),
    sa.Column('sentence', sa.String(), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('must', sa.Boolean(), nullable=False),
    sa.Column('user_id', sa.String(), nullable=False),
    sa.Column('user_name', sa.String(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('resolved_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('resolved_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['draft_id'], ['drafts.id'], name=op.f('fk_review_comments_draft_id_drafts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_comments'))
    )
    op.create_index(op.f('ix_review_comments_draft_id'), 'review_comments', ['draft_id'], unique=False)
    op.create_table('approval_policies',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('channel_id', sa.String(), nullable=False),
    sa.Column('is_on', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('daily_cap', sa.Integer(), nullable=False),
    sa.Column('expires_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('support', sa.String(), nullable=False),
    sa.Column('source_ids', stonehand.db.Json, nullable=False),
    sa.Column('agent_ids', stonehand.db.Json, nullable=False),
    sa.Column('max_words', sa.Integer(), nullable=False),
    sa.Column('day', sa.String(), nullable=False),
    sa.Column('used', sa.Integer(), nullable=False),
    sa.Column('created_by', sa.String(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_by', sa.String(), nullable=False),
    sa.Column('updated_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("support IN ('verbatim', 'supported')", name=op.f('ck_approval_policies_support_known')),
    sa.ForeignKeyConstraint(['channel_id'], ['channels.id'], name=op.f('fk_approval_policies_channel_id_channels'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_approval_policies')),
    sa.UniqueConstraint('channel_id', name=op.f('uq_approval_policies_channel_id'))
    )
    op.create_table('review_bulks',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('verb', sa.String(), nullable=False),
    sa.Column('wish', stonehand.db.Json, nullable=False),
    sa.Column('channel_ids', stonehand.db.Json, nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('user_id', sa.String(), nullable=False),
    sa.Column('user_name', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('decided', sa.Integer(), nullable=False),
    sa.Column('skipped', stonehand.db.Json, nullable=False),
    sa.Column('cursor', sa.String(), nullable=False),
    sa.Column('job_id', sa.String(), nullable=True),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("verb IN ('approve', 'request_changes', 'reject')", name=op.f('ck_review_bulks_verb_known')),
    sa.CheckConstraint("state IN ('running', 'done', 'undone')", name=op.f('ck_review_bulks_state_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_bulks'))
    )
    op.create_table('publication_changes',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('publication_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('review_id', sa.String(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('asked_by', sa.String(), nullable=False),
    sa.Column('error', sa.String(), nullable=True),
    sa.Column('notes', stonehand.db.Json, server_default='{}', nullable=False),
    sa.Column('doubt_since', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('begun_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('correction', 'retraction')", name=op.f('ck_publication_changes_kind_known')),
    sa.CheckConstraint("state IN ('waiting', 'doing', 'done', 'failed', 'needs_reconcile', 'replaced')", name=op.f('ck_publication_changes_state_known')),
    sa.ForeignKeyConstraint(['publication_id'], ['publications.id'], name=op.f('fk_publication_changes_publication_id_publications'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_publication_changes')),
    sa.UniqueConstraint('publication_id', 'review_id', name='uq_publication_changes_publication_id_review_id')
    )
    op.create_index('ix_publication_changes_state', 'publication_changes', ['state'], unique=False)
    op.create_table('cited_pages',
    sa.Column('article_id', sa.String(), nullable=False),
    sa.Column('looks', sa.Integer(), nullable=False),
    sa.Column('due_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('seen_version', sa.Integer(), nullable=False),
    sa.Column('trouble', sa.String(), nullable=False),
    sa.Column('trouble_since', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('settled_by', sa.String(), nullable=True),
    sa.Column('settled_as', sa.String(), nullable=False),
    sa.Column('first_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_cited_pages_article_id_articles'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('article_id', name=op.f('pk_cited_pages'))
    )
    op.create_index(op.f('ix_cited_pages_due_at'), 'cited_pages', ['due_at'], unique=False)


def _live_reviews(which: sa.TextClause) -> None:
    op.drop_index('uq_reviews_live_draft_id', table_name='reviews')
    op.create_index('uq_reviews_live_draft_id', 'reviews', ['draft_id'], unique=True, sqlite_where=which, postgresql_where=which)


def _states(table: str, more: tuple[str, ...], fewer: tuple[str, ...]) -> None:
    """Let a table's `state` be some words more, or fewer.

    SQLite would have to make the table anew, and dropping the old one would take along what hangs on it. A check of
    its own words changes nothing on the disk, so its text is edited in place, as SQLite's manual describes.
    """
    bind, name = op.get_bind(), f'ck_{table}_state_known'
    if bind.dialect.name == 'postgresql':
        of = sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name")
        words = _words(bind.execute(of, {'name': name}).scalar_one(), more, fewer)
        op.drop_constraint(op.f(name), table, type_='check')
        op.create_check_constraint(op.f(name), table, f'state IN ({words})')
        return
    made = bind.execute(sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"), {'name': table})
    before = made.scalar_one()
    check = re.search(rf'{name}"? CHECK \(state IN \((.*?)\)\)', before)
    assert check, f'{table} has no check of its states'
    after = before[:check.start(1)] + _words(check[1], more, fewer) + before[check.end(1):]
    version = bind.exec_driver_sql('PRAGMA schema_version').scalar_one()
    bind.exec_driver_sql('PRAGMA writable_schema = ON')
    change = sa.text("UPDATE sqlite_master SET sql = :after WHERE type = 'table' AND name = :name")
    bind.execute(change, {'after': after, 'name': table})
    bind.exec_driver_sql(f'PRAGMA schema_version = {version + 1}')
    bind.exec_driver_sql('PRAGMA writable_schema = OFF')


def _words(text: str, more: tuple[str, ...], fewer: tuple[str, ...]) -> str:
    kept = [word for word in re.findall(r"'([a-z_]+)'", text) if word not in (*fewer, *more)]
    return ', '.join(repr(word) for word in (*kept, *more))


def downgrade() -> None:
    for table in ('cited_pages', 'publication_changes', 'review_bulks', 'approval_policies', 'review_comments', 'review_approvals', 'brakes'):
        op.drop_table(table)
    op.execute("UPDATE drafts SET state = 'published' WHERE state IN ('correcting', 'retracted')")
    op.execute("UPDATE publications SET state = 'retracted' WHERE state = 'retracting'")
    op.execute("UPDATE reviews SET state = 'superseded' WHERE state = 'approved' AND released_at IS NOT NULL AND EXISTS "
               "(SELECT 1 FROM reviews AS later WHERE later.draft_id = reviews.draft_id AND later.id > reviews.id "
               "AND later.state IN ('open', 'approved'))")
    _live_reviews(LIVE_BEFORE)
    op.drop_index(op.f('ix_reviews_bulk_id'), table_name='reviews')
    for table, columns in (
        ('publications', ('retraction', 'retracted_at', 'corrected_at')), ('reviews', ('bulk_id', 'policy_ids', 'correction')),
        ('channels', ('eyes',)), ('articles', ('missing_since',)), ('drafts', ('correction',)),
    ):
        for column in columns:
            op.drop_column(table, column)
    _states('publications', (), PUBLICATIONS)
    _states('drafts', (), DRAFTS)
