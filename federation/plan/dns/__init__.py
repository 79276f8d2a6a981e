"""Derive record sets and weights from Services, Ingresses and the members behind them."""
