"""账号: who may come in, with which post, from which day on."""
