#!/usr/bin/env node
/**
 * Sets up the optional engine "tensorflow": the package @tensorflow/tfjs-node and its native library.
 *
 *   npm run setup:tensorflow                 does what is missing
 *   npm run setup:tensorflow -- --wheel F    takes the library from the file F, a wheel of tensorflow-cpu 2.15
 *
 * It first lets the package download its own library. Where that fails (its host is often blocked), it builds the package
 * against the TensorFlow inside the Python wheel tensorflow-cpu (about 200 MB; needs Linux on x64, python3 with pip, g++,
 * make). Python is not needed afterwards. What is there already is left as it is.
 */

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const packageName = '@tensorflow/tfjs-node';
const packageVersion = '4.22.0';
const wheelName = 'tensorflow-cpu==2.15.1';
const wheelPython = '3.11';
const downloadMinutes = 5;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(join(root, 'package.json'));

function main() {
  const { values } = parseArgs({ options: { wheel: { type: 'string' } } });
  if (loads()) return say('It is set up already.');
  const directory = packageDirectory() ?? installPackage();
  if (!values.wheel && downloadsItself(directory)) return say('Done: it downloaded its own library.');
  buildFromWheel(directory, values.wheel);
  const failure = loadFailure();
  if (failure) fail(`It was built, but does not load:\n${failure}`);
  say(`Done: built against the TensorFlow inside ${wheelName}.`);
}

// ---- the package

function packageDirectory() {
  try {
    require.resolve('@mapbox/node-pre-gyp/package.json');
    return dirname(require.resolve(`${packageName}/package.json`));
  } catch {
    return undefined;
  }
}

/** npm removes an optional package whose install script failed, so it is installed without running scripts. */
function installPackage() {
  const owner = ownerOfModules();
  say(`Installing the files of ${packageName}@${packageVersion} …`);
  const isOwn = owner === root;
  const what = isOwn ? [] : [`${packageName}@${packageVersion}`];
  run('npm', ['install', '--ignore-scripts', '--no-save', '--no-audit', '--no-fund', ...what], { cwd: owner });
  return packageDirectory() ?? fail(`npm did not install ${packageName}.`);
}

/** The directory whose node_modules we are in, or have. */
function ownerOfModules() {
  const marker = `${join('node_modules', 'cutlayer')}`;
  return root.endsWith(marker) ? root.slice(0, -marker.length - 1) : root;
}

// ---- its own download

function downloadsItself(directory) {
  say('Trying its own download …');
  const manifest = join(directory, 'package.json');
  const before = readFileSync(manifest);
  const result = spawnSync(process.execPath, ['scripts/install.js'], {
    cwd: directory,
    env: buildEnvironment(directory),
    timeout: downloadMinutes * 60_000,
    encoding: 'utf8',
  });
  writeFileSync(manifest, before); // the script leaves its changes there when it fails
  if (result.status === 0 && loads()) return true;
  say(`That failed: ${lastLine(result.stderr) || lastLine(result.stdout) || 'it took too long'}`);
  return false;
}

// ---- the library from the wheel

function buildFromWheel(directory, givenWheel) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    fail(`The library can be taken from a Python wheel on Linux x64 only, not on ${process.platform} ${process.arch}.`);
  }
  for (const tool of ['python3', 'g++', 'make']) requireTool(tool);
  if (!existsSync(join(directory, 'deps', 'lib', 'libtensorflow_cc.so.2'))) stageLibrary(directory, givenWheel);
  say('Building the addon …');
  const preGyp = require.resolve('@mapbox/node-pre-gyp/bin/node-pre-gyp');
  run(process.execPath, [preGyp, 'install', '--build-from-source'], {
    cwd: directory,
    env: buildEnvironment(directory),
  });
}

function stageLibrary(directory, givenWheel) {
  const scratch = mkdtempSync(join(tmpdir(), 'setup-tensorflow-'));
  try {
    const wheel = givenWheel ?? downloadWheel(scratch);
    if (!existsSync(wheel)) fail(`There is no file ${wheel}.`);
    unpack(wheel, directory);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function downloadWheel(scratch) {
  say(`Downloading ${wheelName} (about 200 MB) …`);
  const choice = ['--no-deps', '--only-binary=:all:', '--python-version', wheelPython];
  run('python3', ['-m', 'pip', 'download', '--quiet', ...choice, '--dest', scratch, wheelName]);
  const wheel = readdirSync(scratch).find((file) => file.endsWith('.whl'));
  return wheel ? join(scratch, wheel) : fail(`pip downloaded no wheel of ${wheelName}.`);
}

/** A wheel is a zip file, and Python can read those. */
const unpackScript = `
import os, shutil, sys, zipfile
wheel, deps = sys.argv[1:]
libraries = {'tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'}
include = 'tensorflow/include/'
headers = tuple(include + part for part in ('tensorflow/c/', 'tensorflow/core/platform/', 'tsl/', 'xla/tsl/'))
with zipfile.ZipFile(wheel) as archive:
    names = archive.namelist()
    missing = libraries.difference(names)
    if missing:
        sys.exit('the wheel has no ' + ' and no '.join(sorted(missing)))
    for name in names:
        if name in libraries:
            target = os.path.join(deps, 'lib', os.path.basename(name))
        elif name.startswith(headers) and not name.endswith('/'):
            target = os.path.join(deps, 'include', name[len(include):])
        else:
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with archive.open(name) as source, open(target, 'wb') as sink:
            shutil.copyfileobj(source, sink)
`;

function unpack(wheel, directory) {
  say('Unpacking TensorFlow …');
  const [deps, unfinished] = [join(directory, 'deps'), join(directory, 'deps.unfinished')];
  rmSync(unfinished, { recursive: true, force: true });
  run('python3', ['-c', unpackScript, wheel, unfinished]);
  symlinkSync('libtensorflow_cc.so.2', join(unfinished, 'lib', 'libtensorflow.so'));
  symlinkSync('libtensorflow_framework.so.2', join(unfinished, 'lib', 'libtensorflow_framework.so'));
  rmSync(deps, { recursive: true, force: true });
  renameSync(unfinished, deps);
}

/** Node's own headers where they lie beside it, and the tools of this package's dependencies. */
function buildEnvironment(directory) {
  const prefix = dirname(dirname(process.execPath));
  const headers = existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? { npm_config_nodedir: prefix } : {};
  const tools = [join(directory, 'node_modules', '.bin'), join(ownerOfModules(), 'node_modules', '.bin')];
  return { ...process.env, ...headers, PATH: [...tools, process.env.PATH].join(delimiter) };
}

// ---- checks

function loads() {
  return loadFailure() === undefined;
}

/** Tries in a process of its own: a library that is loaded badly stays loaded badly. */
function loadFailure() {
  const script = `
    const util = require('node:util');
    util.isNullOrUndefined ??= (value) => value === null || value === undefined;
    util.isArray ??= Array.isArray;
    const tf = require('${packageName}');
    if (tf.add(1, 2).dataSync()[0] !== 3) throw new Error('1 + 2 is not 3');
  `;
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' };
  const result = spawnSync(process.execPath, ['-e', script], { cwd: root, env, encoding: 'utf8' });
  return result.status === 0 ? undefined : result.stderr || `exit status ${result.status}, signal ${result.signal}`;
}

function requireTool(tool) {
  const found = spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0;
  if (!found) fail(`"${tool}" is needed to build it, and is not there.`);
}

// ---- talking and running

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
  if (result.status !== 0) {
    const shown = args.filter((arg) => !arg.includes('\n')).join(' ');
    fail(`${command} ${shown} failed: ${result.error?.message ?? `exit status ${result.status}`}`);
  }
}

function lastLine(text) {
  return (text ?? '')
    .split('\n')
    .findLast((line) => /error|fail/i.test(line) && !/^\s*at /.test(line))
    ?.trim();
}

function say(message) {
  console.log(`tensorflow engine: ${message}`);
}

function fail(message) {
  console.error(`tensorflow engine: ${message}`);
  process.exit(1);
}

main();
