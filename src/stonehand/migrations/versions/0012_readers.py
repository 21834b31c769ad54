"""readers."""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('digests',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('period', sa.String(), nullable=False),
    sa.Column('issue', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('sections', stonehand.db.Json, nullable=False),
    sa.Column('is_sample', sa.Boolean(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("period IN ('daily', 'weekly')", name=op.f('ck_digests_period_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_digests')),
    sa.UniqueConstraint('period', 'issue', name=op.f('uq_digests_period_issue'))
    )
    op.create_table('assessments',
    sa.Column('user_id', sa.String(), nullable=False),
    sa.Column('be', sa.Integer(), nullable=False),
    sa.Column('do', sa.Integer(), nullable=False),
    sa.Column('have', sa.Integer(), nullable=False),
    sa.Column('answers', stonehand.db.Json, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('taken_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_assessments_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_assessments'))
    )
    op.create_table('digest_mails',
    sa.Column('digest_id', sa.String(), nullable=False),
    sa.Column('user_id', sa.String(), nullable=False),
    sa.Column('review_id', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('error', sa.String(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed', 'unclear', 'ended')", name=op.f('ck_digest_mails_state_known')),
    sa.ForeignKeyConstraint(['digest_id'], ['digests.id'], name=op.f('fk_digest_mails_digest_id_digests'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_digest_mails_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('digest_id', 'user_id', name=op.f('pk_digest_mails'))
    )
    op.create_index('ix_digest_mails_user_id', 'digest_mails', ['user_id'], unique=False)

    op.create_table('reader_less',
    sa.Column('user_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('value', sa.String(length=300), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('article', 'because', 'outlet', 'story', 'topic')", name=op.f('ck_reader_less_kind_known')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_reader_less_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'kind', 'value', name=op.f('pk_reader_less'))
    )
    op.create_table('reader_profiles',
    sa.Column('user_id', sa.String(), nullable=False),
    sa.Column('topics', stonehand.db.Json, nullable=False),
    sa.Column('languages', stonehand.db.Json, nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('updated_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_reader_profiles_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_reader_profiles'))
    )
    op.create_index('ix_reader_profiles_digest', 'reader_profiles', ['digest'], unique=False)

    op.create_table('recommendations',
    sa.Column('user_id', sa.String(), nullable=False),
    sa.Column('items', stonehand.db.Json, nullable=False),
    sa.Column('made_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_recommendations_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_recommendations'))
    )
    op.create_index('ix_recommendations_made_at', 'recommendations', ['made_at'], unique=False)

    op.create_table('article_levels',
    sa.Column('article_id', sa.String(), nullable=False),
    sa.Column('phase', sa.String(), nullable=False),
    sa.Column('difficulty', sa.String(), nullable=False),
    sa.Column('said_by', sa.String(), nullable=False),
    sa.Column('said_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("difficulty IN ('Beginner', 'Intermediate', 'Advanced')", name=op.f('ck_article_levels_difficulty_known')),
    sa.CheckConstraint("phase IN ('BE', 'DO', 'HAVE')", name=op.f('ck_article_levels_phase_known')),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_levels_article_id_articles'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('article_id', name=op.f('pk_article_levels'))
    )
    op.create_table('article_neighbours',
    sa.Column('article_id', sa.String(), nullable=False),
    sa.Column('packed', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_neighbours_article_id_articles'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('article_id', name=op.f('pk_article_neighbours'))
    )
    op.create_index('ix_article_neighbours_made_at', 'article_neighbours', ['made_at'], unique=False)

    op.create_table('reading_counts',
    sa.Column('article_id', sa.String(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('views', sa.Integer(), nullable=False),
    sa.Column('reads', sa.Integer(), nullable=False),
    sa.Column('likes', sa.Integer(), nullable=False),
    sa.Column('saves', sa.Integer(), nullable=False),
    sa.Column('shares', sa.Integer(), nullable=False),
    sa.Column('dismissals', sa.Integer(), nullable=False),
    sa.Column('ratings', sa.Integer(), nullable=False),
    sa.Column('rating_total', sa.Integer(), nullable=False),
    sa.Column('seconds', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_reading_counts_article_id_articles'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('article_id', 'day', name=op.f('pk_reading_counts'))
    )
    op.create_index('ix_reading_counts_day', 'reading_counts', ['day'], unique=False)

    op.create_table('reading_events',
    sa.Column('user_id', sa.String(), nullable=False),
    sa.Column('client_id', sa.String(length=64), nullable=False),
    sa.Column('article_id', sa.String(), nullable=False),
    sa.Column('deed', sa.String(), nullable=False),
    sa.Column('value', sa.Integer(), nullable=True),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.Column('scroll', sa.Integer(), nullable=False),
    sa.Column('at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("deed IN ('view', 'progress', 'read', 'like', 'save', 'share', 'dismiss', 'rate')", name=op.f('ck_reading_events_deed_known')),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_reading_events_article_id_articles'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_reading_events_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'client_id', name=op.f('pk_reading_events'))
    )
    op.create_index('ix_reading_events_article_id', 'reading_events', ['article_id'], unique=False)
    op.create_index('ix_reading_events_at', 'reading_events', ['at'], unique=False)
    op.create_index('ix_reading_events_user_id_at', 'reading_events', ['user_id', 'at'], unique=False)

    op.create_table('readings',
    sa.Column('user_id', sa.String(), nullable=False),
    sa.Column('article_id', sa.String(), nullable=False),
    sa.Column('started_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('completed_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('views', sa.Integer(), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.Column('scroll', sa.Integer(), nullable=False),
    sa.Column('liked', sa.Boolean(), nullable=False),
    sa.Column('saved', sa.Boolean(), nullable=False),
    sa.Column('shared', sa.Boolean(), nullable=False),
    sa.Column('dismissed', sa.Boolean(), nullable=False),
    sa.Column('rating', sa.Integer(), nullable=True),
    sa.Column('updated_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_readings_article_id_articles'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_readings_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'article_id', name=op.f('pk_readings'))
    )
    op.create_index('ix_readings_article_id', 'readings', ['article_id'], unique=False)
    op.create_index('ix_readings_user_id_updated_at', 'readings', ['user_id', 'updated_at'], unique=False)

    op.add_column('drafts', sa.Column('digest_id', sa.String(), nullable=True))
    op.create_index('uq_drafts_digest_id', 'drafts', ['digest_id'], unique=True)
    _open_drafts(" AND story_id <> ''")


def _open_drafts(more: str) -> None:
    """A story has one open draft at most; drafts of digests have none."""
    is_open = sa.text("state IN ('commissioned', 'in_review', 'changes_requested', 'approved')" + more)
    op.drop_index('uq_drafts_open_story_id', table_name='drafts')
    op.create_index('uq_drafts_open_story_id', 'drafts', ['story_id'], unique=True, sqlite_where=is_open, postgresql_where=is_open)


def downgrade() -> None:
    op.execute("DELETE FROM drafts WHERE digest_id IS NOT NULL")
    _open_drafts("")
    op.drop_index('uq_drafts_digest_id', table_name='drafts')
    with op.batch_alter_table('drafts', schema=None) as batch_op:
        batch_op.drop_column('digest_id')
    for table in ('readings', 'reading_events', 'reading_counts', 'article_neighbours', 'article_levels', 'recommendations',
                  'reader_profiles', 'reader_less', 'digest_mails', 'assessments', 'digests'):
        op.drop_table(table)
