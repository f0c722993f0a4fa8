"""Made-up numbers, the same as bench/values.ts makes: kernels [height, width, in, out], images [batch, height, width, channels]."""

import numpy as np


def uniform(shape, seed):
    """In [0, 1): the place's hash."""
    with np.errstate(over="ignore"):
        h = np.arange(int(np.prod(shape)), dtype=np.uint32)
        h = (h + np.uint32(seed * 0x9E3779B9 % 2**32)) * np.uint32(0x85EBCA6B)
        h ^= h >> np.uint32(13)
        h *= np.uint32(0xC2B2AE35)
        h ^= h >> np.uint32(16)
    return (h / 2**32).astype(np.float32).reshape(shape)


def centred(shape, seed, scale):
    """In [-scale, scale)."""
    return ((2 * uniform(shape, seed).astype(np.float64) - 1) * scale).astype(np.float32)


def filled(shapes):
    """One array for each shape, in order."""
    return [
        centred(shape, seed, np.sqrt(3 / np.prod(shape[:-1])) if len(shape) > 1 else 0.05)
        for seed, shape in enumerate(shapes, 1)
    ]


def batch_of(batch, shape, classes=10):
    """Images and class numbers."""
    return uniform((batch, *shape), 1000), np.arange(batch) * 3 % classes
