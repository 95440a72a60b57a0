# A fresh "flask db init" copies this folder, so that migrations/ starts with our env.py.
FLASK_DB_INIT_TEMPLATE=app/database/alembic
