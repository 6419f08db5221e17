/* A framework's programs in plain C, for tests of the build step: they can do one recipe and refuse all else. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LAYERS = 8, BATCH = 1000 };

static char text[1 << 16];
static int sizes[LAYERS + 1], layers, batch_size;
static float *weights[LAYERS], *gradients[LAYERS], *velocities[LAYERS];
static float *outputs[LAYERS + 1], *errors[LAYERS + 1];

static void refuse(const char *what)
{
    printf("this program cannot do what these settings ask for: %s\n", what);
    exit(1);
}

static void milestone(const char *name, int number)
{
    if (number)
        printf("%s %d\n", name, number);
    else
        printf("%s\n", name);
    fflush(stdout);
}

/* Copy a setting's value, without its quotation marks, or the default. */
static const char *setting(const char *name, const char *otherwise)
{
    static char values[32][512];
    static int used;
    char key[64];
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *start = strstr(text, key);
    if (!start)
        return otherwise;
    start += strlen(key) + strspn(start + strlen(key), " \"");
    char *value = values[used++ % 32];
    snprintf(value, 512, "%.*s", (int)strcspn(start, "\",\n}"), start);
    return value;
}

static void *read_whole(const char *path, size_t size, long *count)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(2);
    }
    fseek(file, 0, SEEK_END);
    *count = ftell(file) / (long)size;
    rewind(file);
    void *data = malloc(*count * size + 1);
    if (fread(data, size, *count, file) != (size_t)*count)
        exit(2);
    fclose(file);
    return data;
}

static void check(const char *name, const char *only)
{
    if (strcmp(setting(name, only), only))
        refuse(setting(name, only));
}

static void check_keys(const char *known)
{
    for (char *at = text, *end; (at = strchr(at, '"')) && (end = strchr(at + 1, '"')); at = end + 1) {
        char key[512];
        snprintf(key, sizeof key, " %.*s ", (int)(end - at - 1), at + 1);
        if (end[1] == ':' && !strstr(known, key))
            refuse(key);
    }
}

/* Weights and biases of a layer lie in one array: fan in rows of fan out, then the biases. */
static void build(const float *values)
{
    for (int layer = 0; layer < layers; layer++) {
        long count = (long)(sizes[layer] + 1) * sizes[layer + 1];
        weights[layer] = malloc(count * sizeof(float));
        gradients[layer] = malloc(count * sizeof(float));
        velocities[layer] = calloc(count, sizeof(float));
        memcpy(weights[layer], values, count * sizeof(float));
        values += count;
    }
    for (int layer = 0; layer <= layers; layer++) {
        outputs[layer] = malloc((long)BATCH * sizes[layer] * sizeof(float));
        errors[layer] = malloc((long)BATCH * sizes[layer] * sizeof(float));
    }
}

static void forward(int count, int is_tanh)
{
    for (int layer = 0; layer < layers; layer++) {
        int in = sizes[layer], out = sizes[layer + 1];
        for (int image = 0; image < count; image++) {
            float *to = outputs[layer + 1] + (long)image * out;
            memcpy(to, weights[layer] + (long)in * out, out * sizeof(float));
            for (int i = 0; i < in; i++)
                for (int j = 0; j < out; j++)
                    to[j] += outputs[layer][(long)image * in + i] * weights[layer][(long)i * out + j];
            for (int j = 0; j < out && layer < layers - 1; j++)
                to[j] = is_tanh ? tanhf(to[j]) : fmaxf(to[j], 0);
        }
    }
}

static void backward(int count, int is_tanh, const uint8_t **labels)
{
    for (int image = 0; image < count; image++) {
        float *score = outputs[layers] + image * 10, *error = errors[layers] + image * 10;
        float largest = score[0], sum = 0;
        for (int j = 1; j < 10; j++)
            largest = fmaxf(largest, score[j]);
        for (int j = 0; j < 10; j++)
            sum += error[j] = expf(score[j] - largest);
        for (int j = 0; j < 10; j++)
            error[j] = (error[j] / sum - (j == *labels[image])) / count;
    }
    for (int layer = layers - 1; layer >= 0; layer--) {
        int in = sizes[layer], out = sizes[layer + 1];
        memset(gradients[layer], 0, (long)(in + 1) * out * sizeof(float));
        for (int image = 0; image < count; image++) {
            const float *error = errors[layer + 1] + (long)image * out;
            for (int j = 0; j < out; j++)
                gradients[layer][(long)in * out + j] += error[j];
            for (int i = 0; i < in; i++) {
                float output = outputs[layer][(long)image * in + i], sum = 0;
                for (int j = 0; j < out; j++) {
                    gradients[layer][(long)i * out + j] += output * error[j];
                    sum += weights[layer][(long)i * out + j] * error[j];
                }
                errors[layer][(long)image * in + i] = sum * (is_tanh ? 1 - output * output : output > 0);
            }
        }
    }
}

static void train(int is_tanh)
{
    long count, labelled, size;
    check_keys(" train_images train_labels initial_weights model inputs hidden_layers hidden_units activation"
               " optimizer learning_rate momentum nesterov batch_size partial_batch epochs shuffle seed precision ");
    check("optimizer", "sgd");
    check("nesterov", "true");
    check("partial_batch", "keep");
    milestone("ready", 0);
    float *images = read_whole(setting("train_images", ""), sizeof(float) * sizes[0], &count);
    uint8_t *labels = read_whole(setting("train_labels", ""), 1, &labelled);
    milestone("loaded", 0);
    build(read_whole(setting("initial_weights", ""), sizeof(float), &size));
    float rate = atof(setting("learning_rate", "0")), momentum = atof(setting("momentum", "0"));
    int epochs = atoi(setting("epochs", "0")), shuffle = !strcmp(setting("shuffle", ""), "true");
    long *order = malloc(count * sizeof(long));
    for (long i = 0; i < count; i++)
        order[i] = i;
    srand(atoi(setting("seed", "0")));
    milestone("built", 0);
    for (int epoch = 1; epoch <= epochs; epoch++) {
        for (long i = count - 1; i > 0 && shuffle; i--) {
            long other = rand() % (i + 1), held = order[i];
            order[i] = order[other];
            order[other] = held;
        }
        for (long start = 0; start < count; start += batch_size) {
            int size = start + batch_size < count ? batch_size : (int)(count - start);
            const uint8_t *digits[BATCH];
            for (int i = 0; i < size; i++) {
                memcpy(outputs[0] + (long)i * sizes[0], images + order[start + i] * sizes[0],
                       sizes[0] * sizeof(float));
                digits[i] = labels + order[start + i];
            }
            forward(size, is_tanh);
            backward(size, is_tanh, digits);
            for (int layer = 0; layer < layers; layer++)
                for (long i = 0; i < (long)(sizes[layer] + 1) * sizes[layer + 1]; i++) {
                    float step = rate * gradients[layer][i];
                    velocities[layer][i] = momentum * velocities[layer][i] + step;
                    weights[layer][i] -= momentum * velocities[layer][i] + step;
                }
        }
        milestone("epoch", epoch);
    }
    char path[600];
    mkdir(setting("model", ""), 0777);
    snprintf(path, sizeof path, "%s/weights", setting("model", ""));
    FILE *file = fopen(path, "wb");
    for (int layer = 0; layer < layers; layer++)
        fwrite(weights[layer], sizeof(float), (long)(sizes[layer] + 1) * sizes[layer + 1], file);
    fclose(file);
    milestone("saved", 0);
}

static void predict(int is_tanh)
{
    long count, size;
    char path[600];
    check_keys(" model test_images scores inputs hidden_layers hidden_units activation precision batch_size repeats ");
    milestone("ready", 0);
    float *images = read_whole(setting("test_images", ""), sizeof(float) * sizes[0], &count);
    milestone("loaded", 0);
    snprintf(path, sizeof path, "%s/weights", setting("model", ""));
    build(read_whole(path, sizeof(float), &size));
    milestone("built", 0);
    float *scores = malloc(count * 10 * sizeof(float));
    for (int repeat = 1; repeat <= atoi(setting("repeats", "1")); repeat++) {
        for (long start = 0; start < count; start += batch_size) {
            int size = start + batch_size < count ? batch_size : (int)(count - start);
            memcpy(outputs[0], images + start * sizes[0], (long)size * sizes[0] * sizeof(float));
            forward(size, is_tanh);
            memcpy(scores + start * 10, outputs[layers], size * 10 * sizeof(float));
        }
        milestone("predicted", repeat);
    }
    FILE *file = fopen(setting("scores", ""), "wb");
    fwrite(scores, sizeof(float), count * 10, file);
    fclose(file);
    milestone("saved", 0);
}

int main(int count, char **words)
{
    FILE *file = count == 3 ? fopen(words[2], "r") : NULL;
    if (!file || !fread(text, 1, sizeof text - 1, file))
        return 2;
    check("precision", "float32");
    layers = atoi(setting("hidden_layers", "1")) + 1;
    batch_size = atoi(setting("batch_size", "1"));
    if (layers > LAYERS || batch_size > BATCH)
        refuse("so many layers, or images at a time");
    for (int layer = 0; layer < layers; layer++)
        sizes[layer] = atoi(setting(layer ? "hidden_units" : "inputs", "0"));
    sizes[layers] = 10;
    int is_tanh = !strcmp(setting("activation", ""), "tanh");
    if (!is_tanh)
        check("activation", "relu");
    if (!strcmp(words[1], "train"))
        train(is_tanh);
    else
        predict(is_tanh);
    return 0;
}
