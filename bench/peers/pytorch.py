"""PyTorch's side of the benchmarks, as plain scripts would be written: NAME THREADS ITERATIONS."""

import sys

from rounds import serve

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    sys.exit("PyTorch is not installed: pip install torch")


def lenet5():
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 6, 5, padding=2), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(6, 16, 5), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(400, 120), torch.nn.ReLU(),
        torch.nn.Linear(120, 84), torch.nn.ReLU(),
        torch.nn.Linear(84, 10),
    )


def lenet_zhu():
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 12, 5, stride=2, padding=2), torch.nn.Sigmoid(),
        torch.nn.Conv2d(12, 12, 5, stride=2, padding=2), torch.nn.Sigmoid(),
        torch.nn.Conv2d(12, 12, 5, stride=1, padding=2), torch.nn.Sigmoid(),
        torch.nn.Flatten(), torch.nn.Linear(588, 10),
    )


def lenet5_step(batch):
    model = lenet5()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    x, y = torch.rand(batch, 1, 28, 28), torch.arange(batch) * 3 % 10

    def step():
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()

    return step


def deep_leakage(batch):
    model = lenet_zhu()
    for parameter in model.parameters():
        torch.nn.init.uniform_(parameter, -0.5, 0.5)
    parameters = list(model.parameters())

    def soft_cross_entropy(logits, target):
        return -(target * F.log_softmax(logits, -1)).sum(-1).mean()

    x, y = torch.rand(batch, 1, 28, 28), F.one_hot(torch.arange(batch) * 3 % 10, 10).float()
    observed = [g.detach() for g in torch.autograd.grad(soft_cross_entropy(model(x), y), parameters)]
    image = torch.randn(batch, 1, 28, 28, requires_grad=True)
    label = torch.randn(batch, 10, requires_grad=True)

    def closure():
        loss = soft_cross_entropy(model(image), F.softmax(label, -1))
        made = torch.autograd.grad(loss, parameters, create_graph=True)
        distance = sum(((g - o) ** 2).sum() for g, o in zip(made, observed))
        torch.autograd.grad(distance, [image, label])

    return closure


BENCHMARKS = {
    "lenet5-step-64": lambda: lenet5_step(64),
    "lenet5-step-256": lambda: lenet5_step(256),
    "deep-leakage-1": lambda: deep_leakage(1),
    "deep-leakage-8": lambda: deep_leakage(8),
}


if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[2]))
    serve("PyTorch", torch.__version__, BENCHMARKS)
