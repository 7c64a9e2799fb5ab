"""A practice forge and two practice grids: programs of their own, over real sockets; they import nothing of ours."""
