/** Images as a network takes them, [C, H, W] of 0 to 255 in one list, and as a canvas has them. */

const GREY = [0.299, 0.587, 0.114]; // ITU-R 601, as the API makes pictures grey

/** What a network takes of a canvas that is a whole number of times as large: the mean of each block of pixels. */
export function inputOf({ data, width }, [channels, height, across]) {
  const block = width / across;
  const plane = height * across;
  const means = Array.from({ length: 3 }, () => new Float64Array(plane));
  for (let i = 0; i < data.length; i += 4) {
    const [x, y] = [(i / 4) % width, Math.floor(i / 4 / width)].map((place) => Math.floor(place / block));
    for (let c = 0; c < 3; c++) means[c][y * across + x] += data[i + c] / block ** 2;
  }
  if (channels > 1) return means.flatMap((each) => Array.from(each, Math.round));
  return Array.from({ length: plane }, (_, i) => Math.round(GREY.reduce((sum, part, c) => sum + part * means[c][i], 0)));
}

/** Draws an input, one pixel a value. */
export function paint(canvas, input, [channels, height, width]) {
  Object.assign(canvas, { width, height });
  const image = new ImageData(width, height);
  const plane = height * width;
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = input[(channels > 1 ? c * plane : 0) + i];
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}
