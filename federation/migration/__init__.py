"""Turn objects and manifests of other systems into documents. Pure: trees in, trees and faults out.

Whatever cannot be carried over is reported as a warning with its file and line, never dropped silently.
"""
