"""How do objects and manifests of other systems become documents of this one? Pure: trees in, trees and faults out.

What cannot be carried over is never dropped in silence: it comes back as a warning with its file and line.
"""
