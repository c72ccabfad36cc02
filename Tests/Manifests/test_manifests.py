"""The plain manifests are what the chart yields."""

import unittest

import render
import tree


class Manifests(unittest.TestCase):
    def test_they_are_in_step_with_the_chart(self):
        stale = [str(path.relative_to(tree.ROOT)) for path in render.out_of_step()]
        self.assertEqual(stale, [], "run hack/render-manifests")


if __name__ == "__main__":
    unittest.main()
