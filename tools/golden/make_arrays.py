#!/usr/bin/env python3
# Small array files written by NumPy and safetensors, for tests/golden/test_arrays.c.
#   make_arrays.py OUT      versions: numpy 2.4.6, safetensors 0.8.0; the formats have not changed since 2018 and 2022
import os
import sys

import numpy as np
import safetensors.numpy

os.chdir(sys.argv[1])
a = np.arange(12, dtype="f4").reshape(3, 4) / 4

np.save("f4.npy", a)
np.save("fortran.npy", np.asfortranarray(np.arange(24, dtype="i8").reshape(2, 3, 4)))
np.save("f8_big.npy", a.astype(">f8"))
np.save("c8_big.npy", (a + 1j * (a + 1)).astype(">c8"))
np.save("f2.npy", np.array([1, -2.5, 65504, 2**-24, -0.0, np.inf], "f2"))
np.save("i2_big.npy", np.array([-3, 32767], ">i2"))
np.save("u4.npy", np.array([0, 2**32 - 1], "u4"))
np.save("bool.npy", np.array([True, False]))
np.save("scalar.npy", np.float64(2.5))
np.save("object.npy", np.array([{}], dtype=object))
np.save("record.npy", np.zeros(2, dtype=[("x", "f4"), ("y", "i4")]))
np.save("u8.npy", np.array([1], "u8"))
with open("version3.npy", "wb") as f:
    np.lib.format.write_array(f, a, version=(3, 0))
np.savez("stored.npz", a=a, b=np.arange(3))
np.savez_compressed("deflated.npz", **{"x": a, "한국": np.zeros(0)})
safetensors.numpy.save_file(
    {"bytes": np.arange(5, dtype="u1"), "w": a, "half": np.array([1.5], "f2"), "step": np.array(3, dtype="i8")},
    "t.safetensors", {"k": 'v "q" 소리'})
