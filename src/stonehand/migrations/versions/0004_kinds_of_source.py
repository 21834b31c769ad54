"""kinds of source."""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('source_copies',
    sa.Column('source_id', sa.String(), nullable=False),
    sa.Column('url', sa.String(), nullable=False),
    sa.Column('packed', sa.LargeBinary(), nullable=False),
    sa.Column('charset', sa.String(), nullable=True),
    sa.Column('taken_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['source_id'], ['sources.id'], name=op.f('fk_source_copies_source_id_sources'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('source_id', name=op.f('pk_source_copies'))
    )
    with op.batch_alter_table('sources', schema=None) as batch_op:
        batch_op.add_column(sa.Column('options', stonehand.db.Json, server_default='{}', nullable=False))
        batch_op.add_column(sa.Column('secret', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('tags', stonehand.db.Json, server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('rules', stonehand.db.Json, server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('is_adaptive', sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column('pace_seconds', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('proposal', stonehand.db.Json, nullable=True))
        batch_op.add_column(sa.Column('recent', sa.String(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('entries_dropped', sa.Integer(), server_default='0', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('sources', schema=None) as batch_op:
        batch_op.drop_column('entries_dropped')
        batch_op.drop_column('recent')
        batch_op.drop_column('proposal')
        batch_op.drop_column('pace_seconds')
        batch_op.drop_column('is_adaptive')
        batch_op.drop_column('rules')
        batch_op.drop_column('tags')
        batch_op.drop_column('secret')
        batch_op.drop_column('options')
    op.drop_table('source_copies')
