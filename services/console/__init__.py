"""总览: what people look at. Decides nothing, owns read models and the web pages."""
