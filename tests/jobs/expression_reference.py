#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random expressions and what Python makes of them, for the differential test of expressions.

expression_reference.py SEED COUNT writes a line for each: the expression, a tab, and its value as
i (a whole number) or d (a float in hexadecimal), or ! where there is none. The variables are
a = 7, b = -3, x = 0.5, y = 2^63 and z = 10^400.
"""
import operator
import random
import sys

sys.set_int_max_str_digits(0)
VALUES = {'a': 7, 'b': -3, 'x': 0.5, 'y': 2**63, 'z': 10**400}
MOST_BITS = 3321929


class NoValue(Exception):
    pass


class TooSlow(Exception):
    """Whether there is a value is not worth the time."""


def divided(a, b):
    if isinstance(a, int) and isinstance(b, int) and b != 0 and a % b == 0:
        return a // b
    return a / b


def multiplied(a, b):
    if isinstance(a, int) and isinstance(b, int) and a.bit_length() + b.bit_length() > MOST_BITS:
        raise NoValue
    return a * b


def raised(a, b):
    if isinstance(a, int) and isinstance(b, int) and b >= 0:
        if abs(a) <= 1:
            return 1 if a == 1 or b == 0 else 0 if a == 0 else 1 - 2 * (b % 2)
        if (a.bit_length() - 1) * b > MOST_BITS:
            raise NoValue
        if a.bit_length() * b > 10000:
            raise TooSlow
    power = a**b
    if isinstance(power, complex):
        raise NoValue
    return power


OPERATORS = {
    '+': operator.add, '-': operator.sub, '*': multiplied, '/': divided, '//': operator.floordiv,
    '%': operator.mod, '^': raised, '**': raised, '<': operator.lt, '<=': operator.le,
    '>': operator.gt, '>=': operator.ge, '==': operator.eq, '!=': operator.ne}
# Exact in every library.
FUNCTIONS = {'abs': abs, 'floor': lambda v: v.__floor__(), 'ceil': lambda v: v.__ceil__(),
             'round': round}
NUMBERS = ['0', '1', '2', '3', '10', '63', '64', '0.1', '1.0', '2.5', '1e300', '1e-320', '3.0e15',
           '9007199254740993', '9223372036854775807', '9223372036854775808', '9007199254740992.0',
           '9223372036854775808.0', '-0.0', '18446744073709551617', '4503599627370497.5',
           '(10^400)', '(3*10^399)', '(-2^63)', '(2^-1074)', '(2^1000+1)']


def leaf(r):
    if r.random() < .4:
        name = r.choice(sorted(VALUES))
        return name, VALUES[name]
    text = r.choice(NUMBERS) if r.random() < .7 else str(r.randint(0, 10**r.randint(1, 30)))
    return text, eval(text.replace('^', '**').replace('-2**63', '-(2**63)'))


def made(r, depth):
    """The text, in brackets where it needs some, and its value; None where it has none."""
    if depth == 0 or r.random() < .2:
        return leaf(r)
    kind = r.random()
    try:
        if kind < .1:
            text, value = made(r, depth - 1)
            return '-(' + text + ')', None if value is None else -value
        if kind < .2:
            name = r.choice(sorted(FUNCTIONS))
            text, value = made(r, depth - 1)
            text = name + '(' + text + ')'
            return text, None if value is None else checked(FUNCTIONS[name](value))
        if kind < .27:
            (ct, c), (at, a), (bt, b) = made(r, depth - 1), made(r, depth - 1), made(r, depth - 1)
            text = '((' + ct + ')?' + at + ':' + bt + ')'
            return text, None if c is None else a if c else b
        if kind < .34:
            sign = r.choice(['&&', '||'])
            (at, a), (bt, b) = made(r, depth - 1), made(r, depth - 1)
            text = '((' + at + ')' + sign + '(' + bt + '))'
            if a is None or bool(a) == (sign == '||'):
                return text, None if a is None else int(bool(a))
            return text, None if b is None else int(bool(b))
        sign = r.choice(sorted(OPERATORS))
        (at, a), (bt, b) = made(r, depth - 1), made(r, depth - 1)
        text = '((' + at + ')' + sign + '(' + bt + '))'
        if a is None or b is None:
            return text, None
        return text, checked(OPERATORS[sign](a, b))
    except (NoValue, ArithmeticError, ValueError):
        return text, None


def checked(value):
    if isinstance(value, bool):
        return int(value)
    return None if value != value else value


def shown(value):
    if value is None:
        return '!'
    return 'd' + value.hex() if isinstance(value, float) else 'i' + str(value)


def main():
    r = random.Random(int(sys.argv[1]))
    count = int(sys.argv[2])
    while count > 0:
        try:
            text, value = made(r, 4)
        except TooSlow:
            continue
        line = text + '\t' + shown(value)
        if len(line) < 3000:
            print(line)
            count -= 1


main()
