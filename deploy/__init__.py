"""How Siku is installed, started and stopped; it knows processes and ports, never the domain."""
