"""Compare planned objects with live ones: drift, readiness, field owners, injected and removed fields."""
