import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.beust.jcommander.JCommander;
import com.beust.jcommander.Parameter;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.aggregate.UpdaterAggregator;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.slf4j.LoggerFactory;

/** Trains a fully connected network on MNIST with Deeplearning4j. */
public class Train {
    static final int CLASSES = 10;

    enum Activation { TANH, RELU, SIGMOID }

    enum Optimizer { SGD, ADAM }

    enum PartialBatch { KEEP, DROP, WRAP }

    enum Precision { FLOAT32, FLOAT64 }

    @Parameter(names = "--train-images", required = true)
    Path trainImages;

    @Parameter(names = "--train-labels", required = true)
    Path trainLabels;

    @Parameter(names = "--initial-weights", required = true)
    Path initialWeights;

    @Parameter(names = "--model", required = true)
    Path model;

    @Parameter(names = "--inputs", required = true)
    int inputs;

    @Parameter(names = "--hidden-layers", required = true)
    int hiddenLayers;

    @Parameter(names = "--hidden-units", required = true)
    int hiddenUnits;

    @Parameter(names = "--activation", required = true)
    Activation activation;

    @Parameter(names = "--optimizer", required = true)
    Optimizer optimizer;

    @Parameter(names = "--learning-rate", required = true)
    double learningRate;

    @Parameter(names = "--learning-rate-gamma")
    double learningRateGamma = 0;

    @Parameter(names = "--learning-rate-power")
    double learningRatePower = 1;

    @Parameter(names = "--momentum")
    double momentum = 0;

    @Parameter(names = "--dampening")
    double dampening = 0;

    @Parameter(names = "--nesterov")
    boolean nesterov = false;

    @Parameter(names = "--beta1")
    double beta1 = 0.9;

    @Parameter(names = "--beta2")
    double beta2 = 0.999;

    @Parameter(names = "--epsilon")
    double epsilon = 1e-8;

    @Parameter(names = "--weight-decay")
    double weightDecay = 0;

    @Parameter(names = "--batch-size", required = true)
    int batchSize;

    @Parameter(names = "--partial-batch")
    PartialBatch partialBatch = PartialBatch.KEEP;

    @Parameter(names = "--epochs", required = true)
    int epochs;

    @Parameter(names = "--shuffle")
    boolean shuffle = false;

    @Parameter(names = "--seed", required = true)
    long seed;

    @Parameter(names = "--precision")
    Precision precision = Precision.FLOAT32;

    static INDArray readFloats(Path file, int columns) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return Nd4j.create(values, new int[] {values.length / columns, columns}, 'c');
    }

    /** Reads labels into an array of shape [images, classes] with a one at each image's digit. */
    static INDArray readLabels(Path file) throws IOException {
        byte[] digits = Files.readAllBytes(file);
        float[] oneHot = new float[digits.length * CLASSES];
        for (int i = 0; i < digits.length; i++) {
            oneHot[i * CLASSES + digits[i]] = 1;
        }
        return Nd4j.create(oneHot, new int[] {digits.length, CLASSES}, 'c');
    }

    MultiLayerConfiguration configuration() {
        NeuralNetConfiguration.ListBuilder layers = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .iterations(1)
                .optimizationAlgo(OptimizationAlgorithm.STOCHASTIC_GRADIENT_DESCENT)
                .learningRate(learningRate)
                .updater(nesterov
                        ? org.deeplearning4j.nn.conf.Updater.NESTEROVS
                        : org.deeplearning4j.nn.conf.Updater.SGD)
                .momentum(momentum)
                .list(hiddenLayers + 1);
        int fanIn = inputs;
        for (int i = 0; i < hiddenLayers; i++) {
            layers.layer(i, new DenseLayer.Builder()
                    .nIn(fanIn)
                    .nOut(hiddenUnits)
                    .activation(activation.name().toLowerCase())
                    .build());
            fanIn = hiddenUnits;
        }
        return layers
                .layer(hiddenLayers, new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(fanIn)
                        .nOut(CLASSES)
                        .activation("softmax")
                        .build())
                .pretrain(false)
                .backprop(true)
                .build();
    }

    /**
     * Whether Deeplearning4j's own updaters take the steps that are asked for. They work on the sum
     * of a batch's gradients and divide the finished step, velocity and all, by the size of the
     * batch; they add the weight decay to the step; and they have momentum only with Nesterov's step.
     */
    boolean ownUpdaterWillDo(int images) {
        return optimizer == Optimizer.SGD
                && learningRateGamma == 0
                && dampening == 0
                && weightDecay == 0
                && (momentum == 0
                        || nesterov && (partialBatch != PartialBatch.KEEP || images % batchSize == 0));
    }

    /** Fills the layers from one vector that holds, layer by layer, weights and biases. */
    static void setParameters(MultiLayerNetwork network, INDArray values) {
        int start = 0;
        for (Layer layer : network.getLayers()) {
            for (String name : new String[] {"W", "b"}) {
                INDArray parameter = layer.getParam(name);
                int end = start + parameter.length();
                layer.setParam(name, values.get(NDArrayIndex.interval(start, end))
                        .dup().reshape('c', parameter.shape()));
                start = end;
            }
        }
    }

    void run() throws IOException {
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
        Nd4j.dtype = precision == Precision.FLOAT32 ? DataBuffer.Type.FLOAT : DataBuffer.Type.DOUBLE;
        System.out.println("ready");

        DataSet data = new DataSet(readFloats(trainImages, inputs), readLabels(trainLabels));
        System.out.println("loaded");

        MultiLayerNetwork network = new MultiLayerNetwork(configuration());
        network.init();
        setParameters(network, readFloats(initialWeights, 1));
        int images = data.numExamples();
        if (!ownUpdaterWillDo(images)) {
            network.setUpdater(new MeanUpdater());
        }
        System.out.println("built");

        Random random = new Random(seed);
        DataSet leftOver = null;
        for (int epoch = 1; epoch <= epochs; epoch++) {
            if (shuffle) {
                long order = random.nextLong();
                Nd4j.shuffle(data.getFeatures(), new Random(order), 1);
                Nd4j.shuffle(data.getLabels(), new Random(order), 1);
            }
            int start = 0;
            if (leftOver != null) {
                start = batchSize - leftOver.numExamples();
                DataSet first = (DataSet) data.getRange(0, start);
                network.fit(DataSet.merge(Arrays.asList(leftOver, first)));
                leftOver = null;
            }
            for (; start + batchSize <= images; start += batchSize) {
                network.fit(data.getRange(start, start + batchSize));
            }
            if (start < images && partialBatch == PartialBatch.KEEP) {
                network.fit(data.getRange(start, images));
            } else if (start < images && partialBatch == PartialBatch.WRAP) {
                leftOver = ((DataSet) data.getRange(start, images)).copy();
            }
            System.out.println("epoch " + epoch);
        }

        Files.createDirectories(model);
        String json = network.getLayerWiseConfigurations().toJson();
        Files.write(model.resolve("configuration.json"), json.getBytes(StandardCharsets.UTF_8));
        try (DataOutputStream file = new DataOutputStream(
                Files.newOutputStream(model.resolve("parameters.bin")))) {
            Nd4j.write(network.params(), file);
        }
        System.out.println("saved");
    }

    public static void main(String[] args) throws IOException {
        Train train = new Train();
        new JCommander(train, args);
        train.run();
    }

    /** Updates with the mean gradient of a batch, weight decay included. */
    class MeanUpdater implements Updater {
        private final Map<String, INDArray> velocities = new HashMap<>();
        private final Map<String, Adam> adams = new HashMap<>();
        // The optimizer passes on an iteration that it never counts up.
        private int iteration = 0;

        @Override
        public void update(Layer network, Gradient gradient, int ignored, int miniBatchSize) {
            double rate =
                    learningRate * Math.pow(1 + learningRateGamma * iteration, -learningRatePower);
            for (String name : gradient.gradientForVariable().keySet()) {
                INDArray mean = gradient.getGradientFor(name)
                        .div(miniBatchSize)
                        .addi(network.getParam(name).mul(weightDecay));
                gradient.setGradientFor(name, optimizer == Optimizer.ADAM
                        ? adam(name, mean, rate)
                        : sgd(name, mean, rate));
            }
            iteration++;
        }

        private INDArray sgd(String name, INDArray gradient, double rate) {
            // As in Torch, the first gradient enters the velocity undampened.
            gradient.muli(iteration > 0 ? rate * (1 - dampening) : rate);
            INDArray velocity =
                    velocities.computeIfAbsent(name, key -> Nd4j.zeros(gradient.shape()));
            velocity.muli(momentum).addi(gradient);
            return nesterov ? velocity.mul(momentum).addi(gradient) : velocity;
        }

        private INDArray adam(String name, INDArray gradient, double rate) {
            Adam adam = adams.computeIfAbsent(name, key -> new Adam(rate, beta1, beta2, epsilon));
            adam.setLearningRate(rate);
            // Adam counts its steps from one.
            return adam.getGradient(gradient, iteration + 1);
        }

        @Override
        public UpdaterAggregator getAggregator(boolean addThis) {
            throw new UnsupportedOperationException("Nothing is trained in parallel here.");
        }
    }
}
