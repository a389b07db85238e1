import { describe, expect, it } from 'vitest';
import type { Comparison } from './checklist.js';
import { baseImage } from './dockerfile.js';
import { alike } from './values.js';

describe('alike', () => {
  it.each<[Comparison, string, string, boolean]>([
    ['version', 'ossrs/srs:6', '6.0.157', true],
    ['version', 'ossrs/srs:6', '5.0.213', false],
    ['version', 'ossrs/srs:6', 'docker.io/ossrs/srs:6', true],
    ['version', 'postgres:16-alpine', 'library/postgres:16-alpine', true],
    ['version', 'postgres:16-alpine', 'postgres:16', false],
    ['version', 'postgres:16-alpine', '16.4 (Debian 16.4-1)', true],
    ['version', 'postgres:16-alpine', '15.14', false],
    ['version', 'node:20-alpine', 'v20.11.1', true],
    ['version', 'node:2-alpine', 'v20.11.1', false],
    ['version', 'newest', '7', false],
    ['number', '5000', '5 000', true],
    ['number', '1000 (not written: the default)', '1000', true],
    ['number', '2048', '1024', false],
    ['bytes', '256mb', '268435456', true],
    ['bytes', '256MB', '256m', false],
    ['bytes', '256mb', '512mb', false],
    ['list', 'a, B', 'b,  a', true],
    ['list', 'a', 'a, b', false],
    ['text', '2 vCPU /  4 GB', '2 vcpu / 4 gb', true],
    ['text', '2 vCPU', '4 vCPU', false],
  ])('%s: %s and %s: %s', (comparison, first, second, same) => {
    expect(alike(comparison, first, second).same).toBe(same);
    expect(alike(comparison, second, first).same).toBe(same);
  });

  it('says that an image without a version is whatever was newest', () => {
    expect(alike('version', 'ossrs/srs:latest', 'ossrs/srs:latest').note).toContain('compare the digests');
  });
});

describe('baseImage', () => {
  it('is what the last stage stands on, through names of stages and defaults of arguments', () => {
    const text = `ARG NODE=20\nFROM --platform=linux/amd64 node:\${NODE}-alpine AS base\nfrom base as build\nFROM build\n`;
    expect(baseImage(text)).toBe('node:20-alpine');
  });

  it('is not known where an argument has no default, or nothing is said', () => {
    expect(baseImage(`ARG NODE\nFROM node:\${NODE}`)).toBeUndefined();
    expect(baseImage('RUN x')).toBeUndefined();
  });
});
