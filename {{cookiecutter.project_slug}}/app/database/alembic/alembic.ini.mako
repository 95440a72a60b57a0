[alembic]
file_template = %%(year)d%%(month).2d%%(day).2d_%%(rev)s_%%(slug)s
