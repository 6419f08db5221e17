"""What the environments in envs/ are made of, and how each part is made without conda.

These modules run under Snakemake's own interpreter, as they make the workflow's environment too,
and so import nothing but the standard library and Snakemake's own dependencies.
"""
