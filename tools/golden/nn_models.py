# The zoo of sori as one would write it in PyTorch, for make_torch.py; the names of their parts are what
# sori_weights_load looks for.
import torch
import torch.nn as nn
import torch.nn.functional as F


def same(x, k, stride):
    """Zeros for a max pool of ReLU's outputs as TensorFlow's SAME places them, the odd one behind."""
    pads = []
    for n in reversed(x.shape[2:]):
        needed = max(((n + stride - 1) // stride - 1) * stride + k - n, 0)
        pads += [needed // 2, needed - needed // 2]
    return F.pad(x, pads, value=-torch.inf)


class MaxCnn(nn.Module):
    input = 20, 24, 1
    epsilon = 1e-3

    def __init__(self, classes):
        super().__init__()
        for i, (a, b) in enumerate(((1, 16), (16, 32), (32, 64)), 1):
            setattr(self, f"conv{i}", nn.Conv2d(a, b, 3, padding=1, bias=False))
            setattr(self, f"bn{i}", nn.BatchNorm2d(b, eps=self.epsilon))
        self.fc = nn.Linear(64 * (self.input[0] // 4), classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
        x = F.relu(self.bn3(self.conv3(x))).amax(3)
        return F.softmax(self.fc(x.flatten(1)), 1)


class MelCnn(nn.Module):
    input = 20, 24, 1

    def __init__(self, classes):
        super().__init__()
        for i, (a, b) in enumerate(((1, 16), (16, 32), (32, 64), (64, 64)), 1):
            setattr(self, f"conv{i}", nn.Conv2d(a, b, 3, padding=1, bias=False))
            setattr(self, f"bn{i}", nn.BatchNorm2d(b))
        self.fc = nn.Linear(128, classes)

    def forward(self, x):
        for conv, bn in (self.conv1, self.bn1), (self.conv2, self.bn2), (self.conv3, self.bn3):
            x = F.max_pool2d(F.relu(bn(conv(x))), 2)
        x = F.relu(self.bn4(self.conv4(x)))
        return F.softmax(self.fc(torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)), 1)


class BandCnn(nn.Module):
    input = 20, 24, 1
    epsilon = 1e-3

    def __init__(self, classes):
        super().__init__()
        for i, (a, b) in enumerate(((1, 16), (16, 32), (32, 64), (64, 64)), 1):
            setattr(self, f"conv{i}", nn.Conv2d(a, b, 3, padding=1, bias=False))
            setattr(self, f"bn{i}", nn.BatchNorm2d(b, eps=self.epsilon))
        self.fc = nn.Linear(128 * (self.input[0] // 8), classes)

    def forward(self, x):
        for conv, bn in (self.conv1, self.bn1), (self.conv2, self.bn2), (self.conv3, self.bn3):
            x = F.max_pool2d(F.relu(bn(conv(x))), 2)
        x = F.relu(self.bn4(self.conv4(x)))
        return F.softmax(self.fc(torch.cat([x.mean(3), x.amax(3)], 1).flatten(1)), 1)


class Crnn(nn.Module):
    input = 32, 24, 1

    def __init__(self, classes):
        super().__init__()
        for i, (a, b) in enumerate(((1, 32), (32, 64), (64, 64)), 1):
            setattr(self, f"conv{i}", nn.Conv2d(a, b, 3, padding=1, bias=False))
            setattr(self, f"bn{i}", nn.BatchNorm2d(b))
        self.gru = nn.GRU(64 * (self.input[0] // 16), 32, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(64, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
        x = F.max_pool2d(F.relu(self.bn3(self.conv3(x))), (4, 1))
        _, h = self.gru(x.permute(0, 3, 1, 2).flatten(2))
        return F.softmax(self.fc(torch.cat([h[0], h[1]], 1)), 1)


class Cnn(nn.Module):
    input = 30, 13, 1

    def __init__(self, classes):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 32, 3), nn.BatchNorm2d(32, eps=1e-3)
        self.conv2, self.bn2 = nn.Conv2d(32, 32, 3), nn.BatchNorm2d(32, eps=1e-3)
        self.conv3, self.bn3 = nn.Conv2d(32, 32, 2), nn.BatchNorm2d(32, eps=1e-3)
        self.fc1, self.fc2 = nn.Linear(32 * 3 * 1, 64), nn.Linear(64, classes)

    def forward(self, x):
        x = self.bn1(F.max_pool2d(same(F.relu(self.conv1(x)), 3, 2), 3, 2))
        x = self.bn2(F.max_pool2d(same(F.relu(self.conv2(x)), 3, 2), 3, 2))
        x = self.bn3(F.max_pool2d(same(F.relu(self.conv3(x)), 2, 2), 2, 2))
        return F.softmax(self.fc2(F.relu(self.fc1(x.flatten(1)))), 1)


class Lstm(nn.Module):
    input = 20, 13

    def __init__(self, classes):
        super().__init__()
        self.lstm1, self.lstm2 = nn.LSTM(13, 64, batch_first=True), nn.LSTM(64, 64, batch_first=True)
        self.fc1, self.fc2 = nn.Linear(64, 64), nn.Linear(64, classes)

    def forward(self, x):
        x = self.lstm2(self.lstm1(x)[0])[0][:, -1]
        return F.softmax(self.fc2(F.relu(self.fc1(x))), 1)


class Mlp(nn.Module):
    input = 10, 7, 1

    def __init__(self, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(70, 512), nn.Linear(512, 256)
        self.fc3, self.fc4 = nn.Linear(256, 64), nn.Linear(64, classes)

    def forward(self, x):
        for layer in self.fc1, self.fc2, self.fc3:
            x = F.relu(layer(x.flatten(1)))
        return F.softmax(self.fc4(x), 1)


class M5(nn.Module):
    input = 2048, 1

    def __init__(self, classes):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv1d(1, 128, 80, stride=4, padding=38, bias=False), nn.BatchNorm1d(128)
        for i, (a, b) in enumerate(((128, 128), (128, 256), (256, 512)), 2):
            setattr(self, f"conv{i}", nn.Conv1d(a, b, 3, padding=1, bias=False))
            setattr(self, f"bn{i}", nn.BatchNorm1d(b))
        self.fc = nn.Linear(512, classes)

    def forward(self, x):
        x = x.movedim(-1, 1)
        for i in range(1, 5):
            x = F.max_pool1d(F.relu(getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(x))), 4)
        return F.softmax(self.fc(x.mean(2)), 1)


class MlpSum(nn.Module):
    input = 2,

    def __init__(self, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(2, 5), nn.Linear(5, 1)

    def forward(self, x):
        return torch.sigmoid(self.fc2(torch.sigmoid(self.fc1(x))))


ZOO = {"maxcnn": MaxCnn, "melcnn": MelCnn, "bandcnn": BandCnn, "crnn": Crnn, "cnn": Cnn, "lstm": Lstm, "mlp": Mlp,
       "m5": M5, "mlp_sum": MlpSum}
