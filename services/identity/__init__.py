"""身份: who somebody is, what their post is and which unit they act for."""
