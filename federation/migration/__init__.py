"""Turn objects and manifests of other systems into documents. Pure: trees in, trees and faults out.

What cannot be carried over is never dropped in silence: it comes back as a warning with its file and line.
"""
