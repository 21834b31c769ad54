"""platforms, their logins and sessions"""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('platforms',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('base_url', sa.String(), nullable=False),
    sa.Column('config', stonehand.db.Json, nullable=False),
    sa.Column('permission', sa.Text(), nullable=False),
    sa.Column('interval', sa.Double(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_platforms')),
    sa.UniqueConstraint('name', name=op.f('uq_platforms_name'))
    )
    op.create_table('platform_logins',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('platform_id', sa.String(), nullable=False),
    sa.Column('username', sa.String(), nullable=False),
    sa.Column('password', sa.Text(), nullable=False),
    sa.Column('shown_as', sa.String(), server_default='', nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('trouble', sa.Text(), server_default='', nullable=False),
    sa.Column('refused_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('tried_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('holder', sa.String(), server_default='', nullable=False),
    sa.Column('leased_until', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['platform_id'], ['platforms.id'], name=op.f('fk_platform_logins_platform_id_platforms'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_platform_logins')),
    sa.UniqueConstraint('platform_id', 'username', name=op.f('uq_platform_logins_platform_id_username'))
    )
    op.create_table('platform_sessions',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('login_id', sa.String(), nullable=False),
    sa.Column('jar', sa.Text(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('why', sa.String(), server_default='', nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('validated_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['login_id'], ['platform_logins.id'], name=op.f('fk_platform_sessions_login_id_platform_logins'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_platform_sessions'))
    )
    op.create_index(op.f('ix_platform_sessions_login_id'), 'platform_sessions', ['login_id'], unique=False)
    op.create_index('ix_platform_sessions_state', 'platform_sessions', ['state', 'expires_at'], unique=False)
    op.create_index('uq_platform_sessions_active', 'platform_sessions', ['login_id'], unique=True,
                    sqlite_where=sa.text("state = 'active'"), postgresql_where=sa.text("state = 'active'"))
    op.create_table('platform_session_days',
    sa.Column('login_id', sa.String(), nullable=False),
    sa.Column('day', sa.String(), nullable=False),
    sa.Column('sessions', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['login_id'], ['platform_logins.id'], name=op.f('fk_platform_session_days_login_id_platform_logins'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('login_id', 'day', name=op.f('pk_platform_session_days'))
    )


def downgrade() -> None:
    for table in ('platform_session_days', 'platform_sessions', 'platform_logins', 'platforms'):
        op.drop_table(table)
