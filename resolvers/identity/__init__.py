"""Who a caller is: registration, sign-in, sessions, memberships."""
