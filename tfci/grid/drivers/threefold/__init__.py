"""ThreeFold: an account's deployments (account.py), its chain, and the programs tfcmd and tfrobot."""
