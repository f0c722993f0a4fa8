"""JAX's side of the benchmarks, compiled by jax.jit: NAME THREADS ITERATIONS."""

import os
import sys

from rounds import serve

if len(sys.argv) > 2 and sys.argv[2] == "1":
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ.setdefault("OMP_NUM_THREADS", "1")

sys.path.pop(0)  # the folder of this file, which has the name of what it imports

try:
    import jax
    import jax.numpy as jnp
except ImportError:
    sys.exit("JAX is not installed: pip install jax")


def conv(x, layer, stride=1, padding=2):
    y = jax.lax.conv_general_dilated(
        x, layer["kernel"], (stride, stride), [(padding, padding)] * 2, dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
    return y + layer["bias"]


def dense(x, layer):
    return x @ layer["kernel"] + layer["bias"]


def max_pool(x):
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def init(key, shapes, scale):
    def array(key, shape):
        return jax.random.uniform(key, shape, minval=-scale, maxval=scale)

    layers = []
    for shape, own in zip(shapes, jax.random.split(key, len(shapes))):
        kernel, bias = jax.random.split(own)
        layers.append({"kernel": array(kernel, shape), "bias": array(bias, shape[-1:])})
    return layers


LENET5 = [(5, 5, 1, 6), (5, 5, 6, 16), (400, 120), (120, 84), (84, 10)]
LENET_ZHU = [(5, 5, 1, 12), (5, 5, 12, 12), (5, 5, 12, 12), (588, 10)]


def lenet5(params, x):
    x = max_pool(jax.nn.relu(conv(x, params[0])))
    x = max_pool(jax.nn.relu(conv(x, params[1], padding=0)))
    x = x.reshape(x.shape[0], -1)
    x = jax.nn.relu(dense(x, params[2]))
    return dense(jax.nn.relu(dense(x, params[3])), params[4])


def lenet_zhu(params, x):
    x = jax.nn.sigmoid(conv(x, params[0], stride=2))
    x = jax.nn.sigmoid(conv(x, params[1], stride=2))
    x = jax.nn.sigmoid(conv(x, params[2]))
    return dense(x.reshape(x.shape[0], -1), params[3])


def cross_entropy(logits, target):
    return -(target * jax.nn.log_softmax(logits)).sum(-1).mean()


def batch_of(batch):
    x = jax.random.uniform(jax.random.key(7), (batch, 28, 28, 1))
    return x, jax.nn.one_hot(jnp.arange(batch) * 3 % 10, 10)


def lenet5_step(batch):
    x, y = batch_of(batch)
    params = init(jax.random.key(1), LENET5, 0.1)

    @jax.jit
    def step(params):
        gradient = jax.grad(lambda p: cross_entropy(lenet5(p, x), y))(params)
        return jax.tree.map(lambda p, g: p - 0.01 * g, params, gradient)

    def run():
        nonlocal params
        params = jax.block_until_ready(step(params))

    return run


def deep_leakage(batch):
    x, y = batch_of(batch)
    params = init(jax.random.key(1), LENET_ZHU, 0.5)

    def gradient(image, label):
        return jax.grad(lambda p: cross_entropy(lenet_zhu(p, image), label))(params)

    observed = gradient(x, y)

    @jax.jit
    def closure(image, label):
        def distance(image, label):
            made = gradient(image, jax.nn.softmax(label))
            terms = jax.tree.map(lambda g, o: ((g - o) ** 2).sum(), made, observed)
            return sum(jax.tree.leaves(terms))

        return jax.value_and_grad(distance, argnums=(0, 1))(image, label)

    image = jax.random.normal(jax.random.key(2), x.shape)
    label = jax.random.normal(jax.random.key(3), y.shape)
    return lambda: jax.block_until_ready(closure(image, label))


BENCHMARKS = {
    "lenet5-step-64": lambda: lenet5_step(64),
    "lenet5-step-256": lambda: lenet5_step(256),
    "deep-leakage-1": lambda: deep_leakage(1),
    "deep-leakage-8": lambda: deep_leakage(8),
}


if __name__ == "__main__":
    serve("JAX", jax.__version__, BENCHMARKS)
