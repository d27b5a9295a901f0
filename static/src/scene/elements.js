// Small ways to make SVG.
const SPACE = "http://www.w3.org/2000/svg";

export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined && value !== null) element.setAttribute(key, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// The space keeps words apart where the texts of an item are read in a row.
export const text = (words, attributes) => svg("text", attributes, `${words} `);
export const moved = (element, x, y) => (element.style.transform = `translate(${x}px, ${y}px)`);
