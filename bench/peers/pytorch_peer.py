"""PyTorch's side of the benchmarks, as plain scripts would be written: NAME THREADS ITERATIONS."""

import sys

import numpy as np
from rounds import serve
from values import batch_of, centred, filled, uniform

try:
    import torch
    import torch.nn.functional as F
    from torch import nn
except ImportError:
    sys.exit("PyTorch is not installed: pip install torch")


def lenet5():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(),
        nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10),
    )


def lenet_zhu():
    return nn.Sequential(
        nn.Conv2d(1, 12, 5, stride=2, padding=2), nn.Sigmoid(),
        nn.Conv2d(12, 12, 5, stride=2, padding=2), nn.Sigmoid(),
        nn.Conv2d(12, 12, 5, stride=1, padding=2), nn.Sigmoid(),
        nn.Flatten(), nn.Linear(588, 10),
    )


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride > 1:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        inner = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(inner + self.shortcut(x))


class ResNet(nn.Module):
    """In CIFAR form (He et al. 2016)."""

    def __init__(self, blocks, widths):
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        layers, inputs = [], widths[0]
        for stage, width in enumerate(widths):
            for index in range(blocks):
                layers.append(Block(inputs, width, 2 if stage > 0 and index == 0 else 1))
                inputs = width
        self.blocks = nn.Sequential(*layers)
        self.dense = nn.Linear(inputs, 10)

    def forward(self, x):
        return self.dense(self.blocks(F.relu(self.bn1(self.conv1(x)))).mean((2, 3)))


def resnet18():
    return ResNet(2, [64, 128, 256, 512])


def resnet20():
    return ResNet(3, [16, 32, 64])


def shape_of(parameter):
    """As the other side has it: [height, width, in, out], [in, out]."""
    if parameter.dim() == 4:
        return tuple(parameter.permute(2, 3, 1, 0).shape)
    return tuple(reversed(parameter.shape))


def fill(model, flattened=None):
    """Sets all parameters; `flattened`: what image [height, width, channels] the first dense layer is given."""
    parameters = list(model.parameters())
    norms = {id(module.weight) for module in model.modules() if isinstance(module, nn.BatchNorm2d)}
    for parameter, array in zip(parameters, filled([shape_of(parameter) for parameter in parameters])):
        if flattened and array.ndim == 2:
            array = array.reshape(*flattened, -1).transpose(2, 0, 1, 3).reshape(array.shape)
            flattened = None
        array = array + 1 if id(parameter) in norms else array
        parameter.data = to_torch(array)
    return model


def to_torch(array):
    """Kernels and images to PyTorch's order of axes."""
    order = {4: (3, 2, 0, 1), 2: (1, 0)}.get(array.ndim, range(array.ndim))
    return torch.from_numpy(np.ascontiguousarray(array.transpose(*order), dtype=np.float32))


def image(array):
    return torch.from_numpy(np.ascontiguousarray(array.transpose(0, 3, 1, 2)))


def batch(size, shape):
    x, y = batch_of(size, shape)
    return image(x), torch.from_numpy(y)


def norm(tensor):
    return tensor.detach().norm().item()


def three_losses(step):
    return lambda: [step().item() for _ in range(3)]


def step_with(optimizer, model, x, y):
    def step():
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step


def training_step(model, x, y):
    step = step_with(torch.optim.SGD(model.parameters(), lr=0.01), model, x, y)
    return step, three_losses(step)


def lenet5_step(size):
    return training_step(fill(lenet5(), (5, 5, 16)), *batch(size, (28, 28, 1)))


def resnet18_step():
    return training_step(fill(resnet18()), *batch(32, (32, 32, 3)))


def convolution(work):
    x, dy = (image(centred((32, 16, 16, 64), seed, 1)) for seed in (1, 3))
    kernel = to_torch(centred((3, 3, 64, 64), 2, 0.1))

    def run():
        if work == "forward":
            return F.conv2d(x, kernel, padding=1)
        mask = (work == "input-gradient", work == "filter-gradient", False)
        results = torch.ops.aten.convolution_backward(dy, x, kernel, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, mask)
        return next(result for result, wanted in zip(results, mask) if wanted)

    return run, lambda: [norm(run())]


def dp_sgd_step(size):
    try:
        from opacus import PrivacyEngine
    except ImportError:
        sys.exit("Opacus is not installed: pip install opacus")
    model = fill(lenet5(), (5, 5, 16))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    x, y = batch(size, (28, 28, 1))
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=size)
    model, optimizer, _ = PrivacyEngine().make_private(
        module=model, optimizer=optimizer, data_loader=loader, noise_multiplier=1.3, max_grad_norm=1.0,
        poisson_sampling=False,
    )
    step = step_with(optimizer, model, x, y)

    def check():
        optimizer.noise_multiplier = 0
        losses = three_losses(step)()
        optimizer.noise_multiplier = 1.3
        return losses

    return step, check


def soft_cross_entropy(logits, target):
    return -(target * F.log_softmax(logits, -1)).sum(-1).mean()


def seen_gradient(model, size, shape):
    x, y = batch(size, shape)
    loss = soft_cross_entropy(model(x), F.one_hot(y, 10).float())
    return [g.detach() for g in torch.autograd.grad(loss, list(model.parameters()))]


def deep_leakage(size):
    model = fill(lenet_zhu(), (7, 7, 12))
    parameters = list(model.parameters())
    observed = seen_gradient(model, size, (28, 28, 1))
    x = image(centred((size, 28, 28, 1), 2000, 1)).requires_grad_()
    label = torch.from_numpy(centred((size, 10), 3000, 1)).requires_grad_()

    def closure():
        loss = soft_cross_entropy(model(x), F.softmax(label, -1))
        made = torch.autograd.grad(loss, parameters, create_graph=True)
        distance = sum(((g - o) ** 2).sum() for g, o in zip(made, observed))
        return distance, *torch.autograd.grad(distance, [x, label])

    def check():
        distance, dx, dlabel = closure()
        return distance.item(), norm(dx), norm(dlabel)

    return closure, check


def inverting_gradients():
    model = fill(resnet20()).eval()
    parameters = list(model.parameters())
    observed = seen_gradient(model, 1, (32, 32, 3))
    x = image(centred((1, 32, 32, 3), 2000, 1)).requires_grad_()
    y = torch.zeros(1, dtype=torch.long)
    size = sum((o**2).sum() for o in observed).sqrt()

    def closure():
        made = torch.autograd.grad(F.cross_entropy(model(x), y), parameters, create_graph=True)
        product = sum((g * o).sum() for g, o in zip(made, observed))
        cosine = product / (sum((g**2).sum() for g in made).sqrt() * size)
        variation = (x[:, :, 1:] - x[:, :, :-1]).abs().mean() + (x[:, :, :, 1:] - x[:, :, :, :-1]).abs().mean()
        objective = 1 - cosine + 0.01 * variation
        return objective, *torch.autograd.grad(objective, [x])

    def check():
        objective, dx = closure()
        return objective.item(), norm(dx)

    return closure, check


class Generator(nn.Module):
    """gan-inversion's small generator: a latent, two blocks of upsampling, a convolution."""

    def __init__(self):
        super().__init__()
        kernels = filled([(1, 7, 7, 32), (3, 3, 16, 16), (16,), (16,), (3, 3, 8, 8), (8,), (8,), (3, 3, 4, 1), (1,)])
        _, kernel1, gamma1, beta1, kernel2, gamma2, beta2, kernel3, bias3 = kernels
        self.latent = nn.Parameter(image(centred((1, 7, 7, 32), 1, 0.03)))
        arrays = [kernel1, gamma1 + 1, beta1, kernel2, gamma2 + 1, beta2, kernel3, bias3]
        self.rest = nn.ParameterList([to_torch(array) for array in arrays])

    def forward(self):
        kernel1, gamma1, beta1, kernel2, gamma2, beta2, kernel3, bias3 = self.rest
        x = F.glu(self.latent * 30, 1)
        for kernel, gamma, beta in ((kernel1, gamma1, beta1), (kernel2, gamma2, beta2)):
            x = F.conv2d(F.interpolate(x, scale_factor=2), kernel, padding=1)
            x = F.glu(F.batch_norm(x, None, None, gamma, beta, training=True), 1)
        return torch.sigmoid(F.conv2d(x, kernel3, bias3, padding=1))


def gan_inversion():
    model = fill(lenet_zhu(), (7, 7, 12))
    parameters = list(model.parameters())
    observed = seen_gradient(model, 1, (28, 28, 1))
    weights = [1 / (len(observed) * (o**2).sum()) for o in observed]

    def start():
        generator = Generator()
        label = nn.Parameter(torch.from_numpy(filled([(1, 10)])[0]))
        optimizer = torch.optim.Adam([*generator.parameters(), label], lr=0.1)

        def iteration():
            optimizer.zero_grad()
            x = generator()
            loss = soft_cross_entropy(model(x), F.softmax(label, -1))
            made = torch.autograd.grad(loss, parameters, create_graph=True)
            distance = sum(w * ((g - o) ** 2).sum() for w, g, o in zip(weights, made, observed))
            steps = (x[:, :, 1:] - x[:, :, :-1]), (x[:, :, :, 1:] - x[:, :, :, :-1])
            objective = distance + 1e-3 * 2 * sum((step**2).mean() for step in steps)
            objective.backward(inputs=[*generator.parameters(), label])
            optimizer.step()
            return objective.item()

        return iteration

    def check():
        iteration = start()
        objectives = [iteration() for _ in range(3)]
        return objectives[0], min(objectives)

    return start(), check


def splitfed_epoch():
    """SplitFed V1: each client trains its own copies of both parts, then both are averaged."""
    examples, clients, size, rate = 10_000, 5, 64, 0.05
    pixels = torch.from_numpy((256 * uniform((examples, 1, 28, 28), 1000)).astype(np.uint8))
    labels = torch.arange(examples) * 3 % 10
    shards = torch.arange(examples).reshape(clients, -1)
    whole = lenet5()
    parts = whole[:3], whole[3:]
    state = [{k: v.clone() for k, v in part.state_dict().items()} for part in parts]
    client, server = parts

    def epoch():
        sums = [{k: torch.zeros_like(v) for k, v in own.items()} for own in state]
        for shard in shards:
            for part, own in zip(parts, state):
                part.load_state_dict(own)
            optimizers = [torch.optim.SGD(part.parameters(), lr=rate) for part in parts]
            for indices in shard[torch.randperm(len(shard))].split(size):
                for optimizer in optimizers:
                    optimizer.zero_grad()
                smashed = client(pixels[indices].float() / 255)
                received = smashed.detach().requires_grad_()
                F.cross_entropy(server(received), labels[indices]).backward()
                smashed.backward(received.grad)
                for optimizer in optimizers:
                    optimizer.step()
            for part, total in zip(parts, sums):
                for name, value in part.state_dict().items():
                    total[name] += value * (len(shard) / examples)
        state[:] = sums

    return epoch


BENCHMARKS = {
    **{f"lenet5-step-{size}{suffix}": lambda size=size: lenet5_step(size)
       for size in (64, 256) for suffix in ("", "-2threads")},
    **{f"conv-{work}": lambda work=work: convolution(work) for work in ("forward", "input-gradient", "filter-gradient")},
    "resnet18-step-32": resnet18_step,
    **{f"dp-sgd-step-{size}": lambda size=size: dp_sgd_step(size) for size in (64, 256)},
    **{f"deep-leakage-{size}": lambda size=size: deep_leakage(size) for size in (1, 8)},
    "deep-leakage-64-victims": lambda: deep_leakage(1),  # one after the other
    "gan-inversion-1": gan_inversion,
    "inverting-gradients-resnet20": inverting_gradients,
    "splitfed-epoch": splitfed_epoch,
}


if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[2]))
    serve("PyTorch", torch.__version__, BENCHMARKS)
