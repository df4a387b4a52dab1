// Leaving quickly. This runs before anything is painted, on every page: when
// somebody has just left and then presses Back, reloads or reopens the tab,
// the page stays blank and leads away again. Without scripts the link at the
// top of the page works as a plain link.
'use strict';
{
  // The server keeps its own mark where scripts cannot read it; this one is for
  // the pages a browser shows without asking the server. Both last five minutes.
  const mark = 'kintsugi_left=1';
  const blink = 300; // milliseconds
  const hasLeft = () => document.cookie.split('; ').includes(mark);
  const leave = () => {
    document.documentElement.hidden = true;
    document.cookie = mark + '; max-age=300; path=/; samesite=lax' + (location.protocol === 'https:' ? '; secure' : '');
    // The page is blank by now. What is being written is sent off, unasked: the
    // session ends with the next step, which waits a blink.
    const sent = [];
    const go = () => location.replace('/exit');
    dispatchEvent(new CustomEvent('leavequickly', { detail: sent }));
    if (sent.length === 0) {
      go();
      return;
    }
    setTimeout(go, blink);
    Promise.allSettled(sent).then(go);
  };

  const arrival = performance.getEntriesByType('navigation')[0];
  if (hasLeft() && arrival && arrival.type !== 'navigate') leave();
  addEventListener('pageshow', (event) => {
    if (event.persisted && hasLeft()) leave();
  });

  addEventListener('click', (event) => {
    const link = event.target instanceof Element && event.target.closest('a[href="/exit"]');
    if (!link) return;
    event.preventDefault();
    leave();
  });

  // Three presses of Shift alone, each within a second of the one before.
  let presses = 0;
  let last = 0;
  addEventListener('keydown', (event) => {
    if (event.repeat) return;
    presses = event.key === 'Shift' ? (event.timeStamp - last < 1000 ? presses + 1 : 1) : 0;
    last = event.timeStamp;
    if (presses === 3) leave();
  }, true);
  addEventListener('pointerdown', () => { presses = 0; }, true);
}
