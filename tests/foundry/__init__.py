"""What the tests share: the manifest, the combinations of answers, rendering, and projects that run."""
