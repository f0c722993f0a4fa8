/** yargs, from a module of our own, of which the build makes one file: it is 40 of them, and half of `cutlayer --help` was reading these. */
export { default as yargs } from 'yargs';
