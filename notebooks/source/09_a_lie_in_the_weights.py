# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 09 · A lie in the weights

# %%
from course_lib.lessons import start

lesson = start("09")

# %% [markdown]
# ## 1 · To be written

# %% exercise="keep_and_lead"

# %% exercise="leashed"

# %% exercise="seen_alike"

# %% exercise="threshold_for"
