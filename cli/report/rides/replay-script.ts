import { createHash } from 'node:crypto';

/**
 * The program of the replay, as it stands in the page. It reads the data beside it, draws on the canvas, and does nothing else: no
 * network, no storage, no names of the page but its own. It must not contain the end tag of its element.
 */
export const REPLAY_SCRIPT = `(() => {
'use strict';
const part = (name) => document.getElementById('replay' + name);
const data = JSON.parse(part('-data').textContent);
const canvas = part(''), play = part('-play'), slider = part('-time'), speed = part('-speed'), now = part('-now');
const paper = canvas.getContext && canvas.getContext('2d');
if (!paper) return;
const calm = matchMedia('(prefers-reduced-motion: reduce)');
const ratio = Math.min(2, Math.max(1, window.devicePixelRatio || 1));
canvas.width = data.width * ratio;
canvas.height = data.height * ratio;
const drawnStreets = document.getElementById('streets');
const streets = drawnStreets ? new Path2D(drawnStreets.getAttribute('d')) : null;
const span = data.to - data.from || 1;
const steps = Number(slider.max);
let time = data.from + (Number(slider.value) / steps) * span;
let playing = false, last = 0, waited = 0;
let ink = {};

function readColours() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue('--' + name).trim();
  ink = { card: colour('card'), ink: colour('ink'), muted: colour('muted'), street: colour('street'), over: colour('over'),
    carrying: colour('agents'), empty: colour('empty'), idle: colour('idle') };
  ink.vehicles = Array.from({ length: 12 }, (_, k) => colour('v' + k));
}

/** Last position k, counted in steps of width, whose time is at most t; -1 before the first. */
function before(list, width, t) {
  let low = -1, high = list.length / width;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (list[middle * width] <= t) low = middle; else high = middle;
  }
  return low;
}

function whereIs(vehicle, t) {
  const way = vehicle.way, k = before(way, 3, t), end = way.length / 3 - 1;
  if (k < 0) return { x: way[1], y: way[2], moving: false, out: false };
  if (k >= end) return { x: way[3 * end + 1], y: way[3 * end + 2], moving: false, out: false };
  const a = 3 * k, b = a + 3, share = (t - way[a]) / (way[b] - way[a] || 1);
  const dx = way[b + 1] - way[a + 1], dy = way[b + 2] - way[a + 2];
  return { x: way[a + 1] + share * dx, y: way[a + 2] + share * dy, moving: dx !== 0 || dy !== 0, out: true };
}

function loadOf(vehicle, t) {
  const k = before(vehicle.loads, 2, t);
  return k < 0 ? 0 : vehicle.loads[2 * k + 1];
}

function disc(x, y, radius, fill, rim) {
  paper.beginPath();
  paper.arc(x, y, radius, 0, 2 * Math.PI);
  if (fill) { paper.fillStyle = fill; paper.fill(); }
  if (rim) { paper.strokeStyle = rim; paper.stroke(); }
}

function drawTrail(vehicle, t, at) {
  const way = vehicle.way, first = before(way, 3, t - span / 30), k = before(way, 3, t);
  if (k < 0 || !at.out) return;
  paper.beginPath();
  paper.moveTo(at.x, at.y);
  for (let j = k; j > first && j >= 0; j--) paper.lineTo(way[3 * j + 1], way[3 * j + 2]);
  const tail = whereIs(vehicle, t - span / 30);
  if (tail.out) paper.lineTo(tail.x, tail.y);
  paper.strokeStyle = ink.vehicles[vehicle.colour];
  paper.globalAlpha = 0.45;
  paper.lineWidth = 4;
  paper.stroke();
  paper.globalAlpha = 1;
}

function drawVehicle(vehicle, t, at) {
  const load = loadOf(vehicle, t);
  if (!data.named) {
    if (at.out) disc(at.x, at.y, load > 0 ? 3.6 : 2.8, load > 0 ? ink.carrying : at.moving ? ink.empty : ink.muted);
    return;
  }
  const colour = ink.vehicles[vehicle.colour];
  paper.lineWidth = 2;
  paper.globalAlpha = at.out ? 1 : 0.45;
  disc(at.x, at.y, 11, load > 0 ? colour : ink.card, load > 0 ? ink.card : colour);
  if (load > 0) {
    paper.beginPath();
    paper.arc(at.x, at.y, 14, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * Math.min(1, load / vehicle.seats));
    paper.strokeStyle = colour;
    paper.lineWidth = 3;
    paper.stroke();
  }
  paper.fillStyle = load > 0 ? ink.card : colour;
  paper.font = '700 12px system-ui, sans-serif';
  paper.textAlign = 'center';
  paper.textBaseline = 'middle';
  paper.fillText(String(load), at.x, at.y + 0.5);
  paper.globalAlpha = 1;
}

function drawRider([ready, picked, dropped, x, y, toX, toY, , vehicle], t) {
  if (t < ready || t >= dropped) return;
  if (vehicle < 0) {
    paper.strokeStyle = ink.over;
    const size = data.named ? 4 : 2.2;
    paper.lineWidth = size / 2;
    paper.beginPath();
    paper.moveTo(x - size, y - size); paper.lineTo(x + size, y + size);
    paper.moveTo(x + size, y - size); paper.lineTo(x - size, y + size);
    paper.stroke();
    paper.lineWidth = 1.5;
  } else if (t < picked) disc(x, y, data.named ? 4.5 : 2.2, ink.ink, data.named ? ink.card : null);
  else if (data.named) {
    paper.lineWidth = 2;
    disc(toX, toY, 5, ink.card, ink.vehicles[data.vehicles[vehicle].colour]);
  }
}

function clock(t) {
  if (!data.clockSeconds) return String(Math.round(t));
  const minutes = Math.round((t * data.clockSeconds) / 60);
  return Math.floor(minutes / 60) + ':' + String(((minutes % 60) + 60) % 60).padStart(2, '0');
}

function words(t) {
  let waiting = 0, riding = 0, done = 0, lost = 0;
  for (const rider of data.riders) {
    if (t < rider[0]) continue;
    if (rider[8] < 0) { lost += 1; continue; }
    if (t < rider[1]) waiting += 1; else if (t < rider[2]) riding += 1; else done += 1;
  }
  const out = data.vehicles.filter((vehicle) => whereIs(vehicle, t).out).length;
  const text = (count) => count.toLocaleString('en-US');
  return text(out) + ' of ' + text(data.vehicles.length) + ' vehicles on their way; riders: ' + text(waiting) + ' waiting, ' +
    text(riding) + ' on board, ' + text(done) + ' delivered' + (lost > 0 ? ', ' + text(lost) + ' whom nobody serves' : '');
}

function draw() {
  paper.setTransform(ratio, 0, 0, ratio, 0, 0);
  paper.fillStyle = ink.card;
  paper.fillRect(0, 0, data.width, data.height);
  paper.lineCap = paper.lineJoin = 'round';
  if (streets) { paper.strokeStyle = ink.street; paper.lineWidth = 1.2; paper.stroke(streets); }
  const half = data.starts.length > 40 ? 2 : 6;
  paper.fillStyle = data.starts.length > 40 ? ink.idle : ink.muted;
  for (const [x, y] of data.starts) paper.fillRect(x - half, y - half, 2 * half, 2 * half);
  const places = data.vehicles.map((vehicle) => whereIs(vehicle, time));
  if (data.named && !calm.matches) data.vehicles.forEach((vehicle, k) => drawTrail(vehicle, time, places[k]));
  paper.lineWidth = 1.5;
  for (const rider of data.riders) drawRider(rider, time);
  data.vehicles.forEach((vehicle, k) => drawVehicle(vehicle, time, places[k]));
  const text = clock(time) + ': ' + words(time);
  now.textContent = text;
  slider.setAttribute('aria-valuetext', text);
}

function stop() {
  playing = false;
  play.textContent = '\\u25b6 Play';
}

function frame(at) {
  if (!playing) return;
  const passed = Math.min(100, at - last);
  last = at;
  waited += passed;
  // Who asked for less motion sees pictures one after another.
  const pause = calm.matches ? 800 : 0;
  if (waited >= pause) {
    time = Math.min(data.to, time + (waited / 1000 / Number(speed.value)) * span);
    waited = 0;
    slider.value = String(Math.round(((time - data.from) / span) * steps));
    draw();
    if (time >= data.to) { stop(); return; }
  }
  requestAnimationFrame(frame);
}

play.addEventListener('click', () => {
  if (playing) { stop(); return; }
  if (time >= data.to) time = data.from;
  playing = true;
  waited = 0;
  last = performance.now();
  play.textContent = '\\u23f8 Pause';
  requestAnimationFrame(frame);
});
slider.addEventListener('input', () => {
  time = data.from + (Number(slider.value) / steps) * span;
  draw();
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { readColours(); draw(); });
part('-controls').hidden = false;
readColours();
draw();
})();`;

/** The script's source for the policy of the page: nothing else runs. */
export const REPLAY_SOURCE = `'sha256-${createHash('sha256').update(REPLAY_SCRIPT).digest('base64')}'`;
