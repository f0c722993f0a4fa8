"""JAX's side of the benchmarks, compiled by jax.jit: NAME THREADS ITERATIONS."""

import os
import sys

from rounds import serve
from values import batch_of, centred, filled

if len(sys.argv) > 2:
    threads = int(sys.argv[2])
    if threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    # XLA takes as many threads as there are cores all the same, so it gets as many cores.
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])

try:
    import jax
    import jax.numpy as jnp
except ImportError:
    sys.exit("JAX is not installed: pip install jax")


def conv(x, kernel, stride=1, padding=2):
    return jax.lax.conv_general_dilated(
        x, kernel, (stride, stride), [(padding, padding)] * 2, dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def max_pool(x):
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def with_biases(kernels):
    """Shapes of kernels, each followed by its bias's."""
    return [shape for kernel in kernels for shape in (kernel, kernel[-1:])]


LENET5 = with_biases([(5, 5, 1, 6), (5, 5, 6, 16), (400, 120), (120, 84), (84, 10)])
LENET_ZHU = with_biases([(5, 5, 1, 12), (5, 5, 12, 12), (5, 5, 12, 12), (588, 10)])


def parameters(shapes):
    return [jnp.asarray(array) for array in filled(shapes)]


def lenet5(params, x):
    k1, b1, k2, b2, w3, b3, w4, b4, w5, b5 = params
    x = max_pool(jax.nn.relu(conv(x, k1) + b1))
    x = max_pool(jax.nn.relu(conv(x, k2, padding=0) + b2))
    x = jax.nn.relu(x.reshape(x.shape[0], -1) @ w3 + b3)
    return jax.nn.relu(x @ w4 + b4) @ w5 + b5


def lenet_zhu(params, x):
    k1, b1, k2, b2, k3, b3, w4, b4 = params
    x = jax.nn.sigmoid(conv(x, k1, stride=2) + b1)
    x = jax.nn.sigmoid(conv(x, k2, stride=2) + b2)
    x = jax.nn.sigmoid(conv(x, k3) + b3)
    return x.reshape(x.shape[0], -1) @ w4 + b4


def resnet_blocks(blocks, widths):
    """(from, to, stride) of each block."""
    return [
        (to if index or not stage else widths[stage - 1], to, 2 if stage and not index else 1)
        for stage, to in enumerate(widths)
        for index in range(blocks)
    ]


RESNET18 = resnet_blocks(2, [64, 128, 256, 512])
RESNET20 = resnet_blocks(3, [16, 32, 64])


def resnet_parameters(blocks):
    """Kernels with γ and β, then the dense layer; and running statistics."""
    kernels = [(3, 3, 3, blocks[0][0])]
    for start, to, stride in blocks:
        kernels += [(3, 3, start, to), (3, 3, to, to)] + ([(1, 1, start, to)] if stride > 1 else [])
    shapes = [shape for kernel in kernels for shape in (kernel, kernel[-1:], kernel[-1:])]
    last = blocks[-1][1]
    arrays = parameters([*shapes, (last, 10), (10,)])
    params = [array + 1 if i % 3 == 1 and i < len(shapes) else array for i, array in enumerate(arrays)]
    return params, [(jnp.zeros(kernel[-1]), jnp.ones(kernel[-1])) for kernel in kernels]


def resnet(blocks, params, state, x, training):
    after = []

    def convolved(x, stride, padding):
        kernel, gamma, beta = params[3 * len(after) : 3 * len(after) + 3]
        mean, variance = state[len(after)]
        x = conv(x, kernel, stride, padding)
        old = mean, variance
        if training:
            mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
            count = x.size / x.shape[-1]
            after.append((0.9 * old[0] + 0.1 * mean, 0.9 * old[1] + 0.1 * variance * count / (count - 1)))
        else:
            after.append(old)
        return (x - mean) / jnp.sqrt(variance + 1e-5) * gamma + beta

    x = jax.nn.relu(convolved(x, 1, 1))
    for _, _, stride in blocks:
        inner = convolved(jax.nn.relu(convolved(x, stride, 1)), 1, 1)
        x = jax.nn.relu(inner + (convolved(x, stride, 0) if stride > 1 else x))
    return x.mean((1, 2)) @ params[-2] + params[-1], after


def cross_entropy(logits, target):
    return -(target * jax.nn.log_softmax(logits)).sum(-1).mean()


def batch(size, shape):
    x, y = batch_of(size, shape)
    return jnp.asarray(x), jax.nn.one_hot(jnp.asarray(y), 10)


def norm(array):
    return jnp.linalg.norm(array.ravel())


def repeated(step, state):
    """Steps whose state goes from one to the next."""

    def run():
        nonlocal state
        loss, state = jax.block_until_ready(step(state))
        return loss

    return run


def three_losses(step):
    return lambda: [step() for _ in range(3)]


def sgd(params, gradient, rate=0.01):
    return [p - rate * g for p, g in zip(params, gradient)]


def lenet5_step(size):
    x, y = batch(size, (28, 28, 1))

    @jax.jit
    def step(params):
        loss, gradient = jax.value_and_grad(lambda p: cross_entropy(lenet5(p, x), y))(params)
        return loss, sgd(params, gradient)

    run = repeated(step, parameters(LENET5))
    return run, three_losses(run)


def resnet18_step():
    x, y = batch(32, (32, 32, 3))

    @jax.jit
    def step(weights):
        params, state = weights

        def loss_of(params):
            logits, after = resnet(RESNET18, params, state, x, training=True)
            return cross_entropy(logits, y), after

        (loss, after), gradient = jax.value_and_grad(loss_of, has_aux=True)(params)
        return loss, (sgd(params, gradient), after)

    run = repeated(step, resnet_parameters(RESNET18))
    return run, three_losses(run)


def dp_sgd_step(size):
    x, y = batch(size, (28, 28, 1))

    def one(params, x, y):
        return cross_entropy(lenet5(params, x[None]), y[None])

    @jax.jit
    def step(params, key, noise_multiplier):
        losses, gradients = jax.vmap(jax.value_and_grad(one), (None, 0, 0))(params, x, y)
        norms = jnp.sqrt(sum((g.reshape(size, -1) ** 2).sum(1) for g in gradients))
        factors = jnp.minimum(1, 1 / norms)
        sums = [jnp.tensordot(factors, g, 1) for g in gradients]
        key, *keys = jax.random.split(key, len(sums) + 1)
        noisy = [g + noise_multiplier * jax.random.normal(own, g.shape) for g, own in zip(sums, keys)]
        return losses.mean(), (sgd(params, [g / size for g in noisy], 0.05), key)

    state = parameters(LENET5), jax.random.key(0)

    def run(noise_multiplier=1.3):
        nonlocal state
        loss, state = jax.block_until_ready(step(*state, noise_multiplier))
        return loss

    return run, lambda: [run(0.0) for _ in range(3)]


def deep_leakage(size):
    params = parameters(LENET_ZHU)

    def gradient(x, label):
        return jax.grad(lambda p: cross_entropy(lenet_zhu(p, x), label))(params)

    observed = gradient(*batch(size, (28, 28, 1)))

    @jax.jit
    def closure(x, label):
        def distance(x, label):
            made = gradient(x, jax.nn.softmax(label))
            return sum(((g - o) ** 2).sum() for g, o in zip(made, observed))

        return jax.value_and_grad(distance, argnums=(0, 1))(x, label)

    x, label = jnp.asarray(centred((size, 28, 28, 1), 2000, 1)), jnp.asarray(centred((size, 10), 3000, 1))

    def run():
        return jax.block_until_ready(closure(x, label))

    def check():
        distance, (dx, dlabel) = run()
        return distance, norm(dx), norm(dlabel)

    return run, check


def inverting_gradients():
    params, state = resnet_parameters(RESNET20)

    def gradient(x, y):
        return jax.grad(lambda p: cross_entropy(resnet(RESNET20, p, state, x, training=False)[0], y))(params)

    x, y = batch(1, (32, 32, 3))
    observed = gradient(x, y)

    @jax.jit
    def closure(x):
        def objective(x):
            made = gradient(x, y)
            product = sum((g * o).sum() for g, o in zip(made, observed))
            sizes = [jnp.sqrt(sum((g**2).sum() for g in list_)) for list_ in (made, observed)]
            variation = jnp.abs(x[:, 1:] - x[:, :-1]).mean() + jnp.abs(x[:, :, 1:] - x[:, :, :-1]).mean()
            return 1 - product / (sizes[0] * sizes[1]) + 0.01 * variation

        return jax.value_and_grad(objective)(x)

    start = jnp.asarray(centred((1, 32, 32, 3), 2000, 1))

    def run():
        return jax.block_until_ready(closure(start))

    def check():
        objective, dx = run()
        return objective, norm(dx)

    return run, check


BENCHMARKS = {
    **{f"lenet5-step-{size}{suffix}": lambda size=size: lenet5_step(size)
       for size in (64, 256) for suffix in ("", "-2threads")},
    "resnet18-step-32": resnet18_step,
    **{f"dp-sgd-step-{size}": lambda size=size: dp_sgd_step(size) for size in (64, 256)},
    **{f"deep-leakage-{size}": lambda size=size: deep_leakage(size) for size in (1, 8)},
    "deep-leakage-64-victims": lambda: deep_leakage(1),  # one after the other
    "inverting-gradients-resnet20": inverting_gradients,
}


if __name__ == "__main__":
    serve("JAX", jax.__version__, BENCHMARKS)
