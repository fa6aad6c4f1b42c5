"""The paper's experiments on its own networks, part by part, and the page that tells of them."""
