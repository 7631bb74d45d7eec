"""The facts of a project: the form 附件1, its editions, its pool."""
