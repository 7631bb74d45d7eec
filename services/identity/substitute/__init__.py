"""请假代理: who acts for whom while somebody is away."""
